import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import { type Program, program } from './built-cli.ts';

/** A program that runs under `tokencli exec` and waits; a test asks for tokens in its place. */
export interface ExecSession {
  /** The environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  readonly tokencli: ChildProcess;
  readonly port: number;
  /** Of the waiting program. */
  readonly pid: number;
  /** As an App Service asks. */
  ask(resource: string): Promise<Answered>;
  /** What stderr has shown until now. */
  err(): string;
  /** Ends the program. @returns the exit code of tokencli */
  end(): Promise<number | null>;
}

export interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly json: any;
}

export interface ExecOptions {
  readonly home: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly program?: Program;
}

/** Says its environment and its id, then waits until its stdin ends. */
const WAITING = 'env -0; printf "PID=$$\\0READY"; exec cat';

/** @param args of `exec`, without `--` */
export async function startExec(
  args: readonly string[],
  { home, env, program: which }: ExecOptions,
): Promise<ExecSession> {
  const [first = '', ...words] = [...(await program(which)), 'exec', ...args];
  const tokencli = spawn(first, [...words, '--', 'sh', '-c', WAITING], {
    env: { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8', ...env },
    cwd: home,
  });
  let [out, err] = ['', ''];
  tokencli.stderr.on('data', (part) => {
    err += String(part);
  });
  const ended = new Promise<number | null>((resolve) => tokencli.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    tokencli.stdout.on('data', (part) => {
      out += String(part);
      if (out.endsWith('READY')) resolve();
    });
    void ended.then((code) => reject(new Error(`ended with ${code}: ${err}`)));
  });
  const pairs = out.split('\0').map((line) => line.split(/=(.*)/s, 2));
  const inside: Record<string, string> = Object.fromEntries(pairs);
  const { PID, READY: _, ...rest } = inside;
  const endpoint = rest['IDENTITY_ENDPOINT'] ?? '';
  return {
    env: rest,
    tokencli,
    port: Number(new URL(endpoint).port),
    pid: Number(PID),
    ask: (resource) => askAppService(rest, resource),
    err: () => err,
    end: () => {
      tokencli.stdin.end();
      return ended;
    },
  };
}

/** As an App Service of 2019 is asked, by who knows the program's environment. */
export function askAppService(
  env: Readonly<Record<string, string>>,
  resource: string,
): Promise<Answered> {
  const query = new URLSearchParams({ 'api-version': '2019-08-01', resource });
  const headers = { 'x-identity-header': env['IDENTITY_HEADER'] };
  return new Promise((resolve, reject) => {
    const sent = request(
      `${env['IDENTITY_ENDPOINT']}?${query}`,
      { headers, agent: false },
      (res) => {
        let text = '';
        res.on('data', (part) => {
          text += String(part);
        });
        res.on('error', reject);
        res.on('end', () => resolve({ status: res.statusCode ?? 0, json: JSON.parse(text) }));
      },
    );
    sent.on('error', reject).end();
  });
}
