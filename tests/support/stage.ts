import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunOptions, runCli } from './run-cli.ts';
import { createTestCa, type TestCa } from './tls.ts';

/** A home with a profiles file, a folder for anything else, and a test CA to serve under. */
export interface Stage {
  readonly home: string;
  readonly folder: string;
  readonly tls: TestCa;
  readonly caFile: string;
  /** Writes `profiles.json`: text as it is, anything else as JSON. */
  writeProfiles(content: unknown): void;
  /** Writes a file into `folder`. @returns its path */
  file(name: string, content: string | Buffer): string;
  run(args: readonly string[], options?: RunOptions): ReturnType<typeof runCli>;
  remove(): void;
}

/**
 * @param env for every run, below what a run itself brings
 * @param tls made anew by default, which takes its time
 */
export function setStage(env: RunOptions['env'] = {}, tls: TestCa = createTestCa()): Stage {
  const root = mkdtempSync(join(tmpdir(), 'tokencli-stage-'));
  const home = join(root, 'home');
  const folder = join(root, 'folder');
  mkdirSync(join(home, '.tokencli'), { recursive: true, mode: 0o700 });
  mkdirSync(folder);
  const file = (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  return {
    home,
    folder,
    tls,
    caFile: file('ca.pem', tls.caPem),
    writeProfiles: (content) => {
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      writeFileSync(join(home, '.tokencli', 'profiles.json'), text, { mode: 0o600 });
    },
    file,
    run: (args, options = {}) =>
      runCli(args, { home, cwd: folder, ...options, env: { ...env, ...options.env } }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
