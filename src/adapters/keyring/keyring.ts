import { startDeadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import { pause } from '../../core/event-loop.ts';
import { monotonic } from '../../core/monotonic.ts';
import type { App, EarlyQuestion, Release, SecretStore } from '../../core/ports.ts';
import { describeKeyring, isLasting, KeyringFailure, toCliError } from './failure.ts';
import { AgentFailure, createKeyringProcess } from './process.ts';
import { type KeyringRequest, type KeyringState, SILENT_SECONDS } from './protocol.ts';

const ATTENDED_SECONDS = 60;
const NOTICE_MILLISECONDS = 2000;
const ATTEMPTS = 3;
const PAUSE_MILLISECONDS = 100;
/** One after any other failure. Who deletes all the time meets every tenth listing (measured). */
const ATTEMPTS_AFTER: Partial<Record<KeyringState, number>> = { passing: ATTEMPTS, changing: 20 };
const LOCK_SECONDS = 60;

type Ask = (request: Omit<KeyringRequest, 'id'>) => Promise<unknown>;

/**
 * The OS keyring through the agent. Calls of one process go one after the other, and those of the
 * machine's user through one lock: a keyring under load gives false answers.
 * @param agentCommand program and arguments of the agent
 * @param early what was answered need not be asked again; what was not has used up its time
 */
export function createKeyring(
  app: App,
  agentCommand: readonly string[],
  early?: EarlyQuestion,
): SecretStore {
  const agent = createKeyringProcess(agentCommand, app.env, app.interrupted);
  app.atEnd(agent.end);
  const seconds = app.log.interactive ? ATTENDED_SECONDS : SILENT_SECONDS;
  const spent = early && early.value === undefined && !app.log.interactive ? early.seconds : 0;
  const known = new Map<string, string>();
  if (early?.value !== undefined) known.set(early.account, early.value);
  let anticipated: Promise<unknown> = Promise.resolve();
  let broken: CliError | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  /** The time begins when the agent runs, whatever was asked before that. */
  const withLimit = async <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
    let end: number | undefined;
    let notice: NodeJS.Timeout | undefined;
    const begin = () => {
      if (app.log.interactive) {
        notice = setTimeout(
          () => app.log.say('waiting for the keyring; an unlock prompt may be open'),
          NOTICE_MILLISECONDS,
        );
      }
      return monotonic() + (seconds - spent) * 1000;
    };
    const left = () => {
      end ??= begin();
      return Math.max(1, end - monotonic());
    };
    try {
      return await work(async (request) => {
        for (let attempt = 1; ; attempt += 1) {
          const answer = await agent.ask(request, left);
          if ('ok' in answer) return answer.value;
          const { state, text } = answer.error;
          if (attempt >= (ATTEMPTS_AFTER[state] ?? 1)) throw new KeyringFailure(state, text);
          if (state === 'passing') await pause(PAUSE_MILLISECONDS * attempt);
        }
      });
    } finally {
      clearTimeout(notice);
    }
  };

  const perform = async <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
    if (broken) throw broken;
    try {
      // it starts while others have their turn; that it does not is told to whoever asks it
      agent.ready().catch(() => {});
      const release = await takeTurn(app);
      try {
        return await withLimit(work);
      } finally {
        release();
      }
    } catch (error) {
      if (!(error instanceof KeyringFailure || error instanceof AgentFailure)) throw error;
      app.log.debug(`keyring: ${error.state}: ${error.message}`);
      const failure = toCliError(error, app.platform, seconds);
      if (isLasting(error)) broken = failure;
      throw failure;
    }
  };

  const inTurn = <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
    const turn = queue.then(() => perform(work));
    queue = turn.catch(() => {});
    return turn;
  };
  const readAhead = async (ask: Ask, accounts: readonly string[]) => {
    const values = (await ask({ op: 'read-each', accounts })) as readonly (string | null)[];
    for (const [index, account] of accounts.entries()) {
      const value = values[index];
      if (typeof value === 'string') known.set(account, value);
    }
  };
  const change = (account: string, work: (ask: Ask) => Promise<void>) =>
    inTurn((ask) => {
      known.delete(account);
      return work(ask);
    });
  const { interactive } = app.log;
  return {
    kind: 'keyring',
    describe: () => describeKeyring(app.platform),
    anticipate: (accounts) => {
      const unknown = accounts.filter((account) => !known.has(account));
      if (accounts.length > 0 && unknown.length === 0) return;
      const begun: Promise<unknown> =
        unknown.length > 0 ? inTurn((ask) => readAhead(ask, unknown)) : agent.ready();
      anticipated = begun.catch(() => {});
    },
    get: async (account) => {
      await anticipated;
      return known.get(account) ?? inTurn((ask) => read(ask, account));
    },
    set: (account, value) => change(account, (ask) => write(ask, account, value, interactive)),
    delete: (account) => change(account, (ask) => remove(ask, account, interactive)),
    list: () => inTurn(list),
  };
}

/** One question when the entry is there; absence is believed only when a listing agrees. */
async function read(ask: Ask, account: string): Promise<string | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const value = await ask({ op: 'read', account });
    if (typeof value === 'string') return value;
    if (!(await list(ask)).includes(account)) return undefined;
  }
  throw new KeyringFailure('unavailable', 'an entry that is listed was not found');
}

async function write(ask: Ask, account: string, value: string, attended: boolean): Promise<void> {
  await probe(ask, attended);
  await ask({ op: 'write', account, value });
  const kept = await ask({ op: 'read', account });
  if (kept !== value || !(await list(ask)).includes(account)) {
    throw new KeyringFailure('unavailable', 'what was written was not found again');
  }
}

async function remove(ask: Ask, account: string, attended: boolean): Promise<void> {
  const there = await probe(ask, attended);
  if (there && !there.includes(account)) return;
  await ask({ op: 'delete', account });
  if ((await list(ask)).includes(account)) {
    throw new KeyringFailure('unavailable', 'a deleted entry is still listed');
  }
}

async function list(ask: Ask): Promise<readonly string[]> {
  return (await ask({ op: 'list' })) as string[];
}

/**
 * Proves that the store answers before anything is changed. A listing never opens an unlock prompt,
 * but a change does: where somebody is there to answer it, "locked" is not yet the end.
 */
async function probe(ask: Ask, attended: boolean): Promise<readonly string[] | undefined> {
  try {
    return await list(ask);
  } catch (error) {
    if (attended && error instanceof KeyringFailure && error.state === 'locked') return undefined;
    throw error;
  }
}

/** Where no lock can be had (a read-only home), a keyring that may be asked is still asked. */
async function takeTurn(app: App): Promise<Release> {
  try {
    const locks = await app.locks();
    return await locks.acquire('keyring', startDeadline(LOCK_SECONDS, app.interrupted));
  } catch (error) {
    if (app.interrupted.aborted) throw app.interrupted.reason;
    if (error instanceof CliError && error.code === 'busy') throw error;
    app.log.debug(`no lock for the keyring: ${error instanceof Error ? error.message : ''}`);
    return () => {};
  }
}
