import { locatePaths } from '../../src/core/paths.ts';
import type { App, Env } from '../../src/core/ports.ts';

export interface NetworkApp {
  readonly app: App;
  /** Lines for people, marked with the method that said them. */
  readonly lines: string[];
  readonly hidden: string[];
  /** What a run does when it is over. */
  end(): Promise<void>;
}

/**
 * As much of the world as the network sees.
 * @param now seconds since the epoch
 * @param home where `~/.tokencli` would be
 */
export function createNetworkApp(
  env: Env = {},
  now = () => Date.now() / 1000,
  home?: string,
): NetworkApp {
  const lines: string[] = [];
  const hidden: string[] = [];
  const closers: (() => unknown)[] = [];
  const tell = (how: string) => (line: string) => {
    lines.push(`${how}: ${line}`);
  };
  const log = {
    interactive: false,
    silent: false,
    say: tell('say'),
    done: tell('done'),
    warn: tell('warn'),
    verbose: tell('verbose'),
    debug: tell('debug'),
    registerSecret: (secret: string) => hidden.push(secret),
    release: () => {},
    redact: (text: string) => text,
  };
  const app = {
    env,
    log,
    clock: { now },
    // no home: nothing is remembered between two of them
    paths: locatePaths('/dev/null', home),
    atEnd: (close: () => unknown) => closers.push(close),
  } as unknown as App;
  return {
    app,
    lines,
    hidden,
    end: async () => {
      for (const close of closers.splice(0)) await close();
    },
  };
}
