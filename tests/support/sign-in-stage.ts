import { createOpener, type Opener } from './opener.ts';
import { type RunOptions, type RunResult, runInTerminal } from './run-cli.ts';
import { type Stage, setStage } from './stage.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { createTestCa, type TestCa } from './tls.ts';

/** A stage for somebody at a terminal whose browser is played by the test. */
export interface SignInStage extends Stage {
  readonly opener: Opener;
  /** In a pseudo-terminal, stdout captured, until the end. */
  runAttended(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /**
   * The same, and what a person does in the browser in between.
   * @param act gets the link that was opened
   */
  signIn(
    args: readonly string[],
    act: (link: string) => Promise<unknown>,
    options?: RunOptions,
  ): Promise<RunResult>;
  /** A terminal to read from and to type into. */
  open(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Terminal>;
}

const STORE = {
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: Buffer.alloc(32, 9).toString('base64'),
};

/** @param env for every run, beside the sealed store and the opener */
export function setSignInStage(
  tls: TestCa = createTestCa(),
  env: Readonly<Record<string, string>> = {},
): SignInStage {
  const common = { ...STORE, ...env };
  const stage = setStage(common, tls);
  const opener = createOpener(stage.folder);
  const all = { ...common, BROWSER: opener.program };
  const runAttended = (args: readonly string[], options: RunOptions = {}) =>
    runInTerminal(args, {
      home: stage.home,
      cwd: stage.folder,
      ...options,
      env: { ...all, ...options.env },
    });
  return {
    ...stage,
    opener,
    runAttended,
    signIn: async (args, act, options) => {
      const running = runAttended(args, options);
      const early = running.then(({ code, err }) => {
        throw new Error(`ended with ${code} before a link was opened: ${err}`);
      });
      early.catch(() => {});
      await act(await Promise.race([opener.next(), early]));
      return running;
    },
    open: (args, more = {}) => openTerminal(args, { ...all, HOME: stage.home, ...more }),
  };
}

/** What a terminal shows of a device code, link and code each alone on a line. */
export async function readDeviceCode(terminal: Terminal): Promise<{ link: string; code: string }> {
  await terminal.waitFor('Waiting for authentication...');
  const lines = terminal.screen().split(/\s*\r?\n\s*/);
  const only = (pattern: RegExp) => lines.find((line) => pattern.test(line)) ?? `no ${pattern}`;
  return { link: only(/^https:\/\/\S+$/), code: only(/^[A-Z]{9}$|^[A-Z]{4}-[A-Z]{4}$/) };
}

/** The payload of a token. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
