import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Env } from '../../core/ports.ts';
import { AGENT_READY, type KeyringAnswer, type KeyringRequest } from './protocol.ts';

// every entry holds a bus connection until it is collected; a bus gives a user 256 of them (measured)
const MOST_ENTRIES = 100;
// starting a program and waiting one's turn on a busy machine say nothing about the keyring
const START_MILLISECONDS = 30_000;

/** The keyring agent as a child that never keeps this process alive. */
export interface KeyringProcess {
  /** Starts it if need be, and waits until it runs. @throws AgentFailure */
  ready(): Promise<void>;
  /**
   * The question is on its way before the agent is ready.
   * @param limit asked when it is: how many milliseconds the answer may take
   * @throws AgentFailure; after `silent` the process has been killed and the next call starts one
   */
  ask(request: Omit<KeyringRequest, 'id'>, limit: () => number): Promise<KeyringAnswer>;
  /**
   * Ends the agent, if there is one.
   * @param leaving this process ends, and with it the agent's input: one that owes no answer ends then
   */
  end(leaving: boolean): void;
}

/** `silent`: no answer in time · `gone`: the agent ended or never started. */
export class AgentFailure extends Error {
  readonly state: 'silent' | 'gone';

  constructor(state: AgentFailure['state'], message: string, cause?: unknown) {
    super(message, { cause });
    this.state = state;
  }
}

interface Waiter {
  resolve(line: string): void;
  reject(reason: unknown): void;
}

interface Running {
  readonly child: ChildProcess;
  readonly next: (limitMilliseconds: number) => Promise<string>;
  ready?: Promise<void>;
  asked: number;
  /** It has yet to answer, or to say that it runs. */
  owes: boolean;
}

/** @param interrupted ends every wait at once, with its reason */
export function createKeyringProcess(
  command: readonly string[],
  env: Env,
  interrupted: AbortSignal,
): KeyringProcess {
  let running: Running | undefined;
  let lastId = 0;

  const start = (): Running => {
    if (running && isAlive(running.child) && running.asked < MOST_ENTRIES) return running;
    running?.child.stdin?.end();
    running = startAgent(command, env, interrupted);
    return running;
  };
  const ready = (agent: Running): Promise<void> => {
    // whoever comes second waits with the first
    agent.ready ??= agent.next(START_MILLISECONDS).then((line) => {
      if (line !== AGENT_READY) throw new AgentFailure('gone', `unexpected answer: ${line}`);
    });
    return agent.ready;
  };
  return {
    ready: () => ready(start()),
    ask: async (request, limit) => {
      const agent = start();
      const { child, next } = agent;
      lastId += 1;
      agent.asked += request.accounts?.length ?? 1;
      agent.owes = true;
      child.stdin?.write(`${JSON.stringify({ id: lastId, ...request })}\n`);
      await ready(agent);
      const answer = JSON.parse(await next(limit())) as KeyringAnswer;
      agent.owes = false;
      return answer;
    },
    end: (leaving) => {
      // to kill a process takes as long as to save a token (measured)
      if (!leaving || running?.owes) running?.child.kill('SIGKILL');
    },
  };
}

function startAgent(command: readonly string[], env: Env, interrupted: AbortSignal): Running {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    env: agentEnv(env),
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  });
  child.unref();
  for (const stream of [child.stdin, child.stdout]) (stream as unknown as Socket).unref?.();

  const lines: string[] = [];
  let waiter: Waiter | undefined;
  const fail = (error: unknown) => waiter?.reject(error);
  child.stdin.on('error', () => {});
  child.on('error', (error) => fail(new AgentFailure('gone', error.message, error)));
  child.on('exit', () => fail(new AgentFailure('gone', 'the keyring agent ended')));
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const complete = `${rest}${text}`.split('\n');
    rest = complete.pop() ?? '';
    for (const line of complete) {
      if (waiter) waiter.resolve(line);
      else lines.push(line);
    }
  });

  const next = (limit: number) =>
    new Promise<string>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        interrupted.removeEventListener('abort', stop);
        waiter = undefined;
        settle();
      };
      const kill = (reason: unknown) => {
        child.kill('SIGKILL');
        finish(() => reject(reason));
      };
      const stop = () => kill(interrupted.reason);
      // this timer is also what keeps the process alive while an answer is due
      const timer = setTimeout(() => kill(new AgentFailure('silent', 'no answer')), limit);
      interrupted.addEventListener('abort', stop, { once: true });
      waiter = {
        resolve: (line) => finish(() => resolve(line)),
        reject: (reason) => finish(() => reject(reason)),
      };
      const early = lines.shift();
      if (interrupted.aborted) stop();
      else if (early !== undefined) waiter.resolve(early);
      else if (!isAlive(child)) {
        waiter.reject(new AgentFailure('gone', 'the keyring agent is not running'));
      }
    });
  return { child, next, asked: 0, owes: true };
}

function isAlive({ pid, killed, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && !killed && exitCode === null && signalCode === null;
}

const NEEDED = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LANGUAGE', 'TMPDIR', 'TEMP', 'TMP'],
  ...['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'GNOME_KEYRING_CONTROL', 'LD_LIBRARY_PATH'],
  ...['SYSTEMROOT', 'WINDIR', 'USERPROFILE', 'USERNAME', 'USERDOMAIN', 'APPDATA', 'LOCALAPPDATA'],
  ...['HOMEDRIVE', 'HOMEPATH', 'SECURITYSESSIONID', '__CF_USER_TEXT_ENCODING'],
]);
const NEEDED_FAMILIES = ['XDG_', 'LC_', 'DBUS_'];

/** Only what reaches the user's session: secrets may stand in variables of any name. */
export function agentEnv(env: Env): Record<string, string | undefined> {
  const isNeeded = (name: string) =>
    NEEDED.has(name) || NEEDED_FAMILIES.some((family) => name.startsWith(family));
  return Object.fromEntries(Object.entries(env).filter(([name]) => isNeeded(name.toUpperCase())));
}
