import { locatePaths } from '../../src/core/paths.ts';
import type { App, Env } from '../../src/core/ports.ts';
import { nodeRuntime } from '../../src/runtime/node.ts';
import { createRecordedLog, type RecordedLog } from './recorded-log.ts';

export interface NetworkApp extends Pick<RecordedLog, 'lines' | 'hidden'> {
  readonly app: App;
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
  const { log, lines, hidden } = createRecordedLog();
  const closers: (() => unknown)[] = [];
  const app = {
    env,
    log,
    clock: { now },
    runtime: nodeRuntime,
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
