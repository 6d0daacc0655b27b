import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const CPU = process.arch === 'arm64' ? 'aarch64' : process.arch;
export const BUN = join(
  ROOT,
  'node_modules',
  '@oven',
  `bun-${process.platform}-${CPU}`,
  'bin',
  'bun',
);

/**
 * Calls an exported function of a TypeScript file in a Bun process of its own.
 * @param file from the repository's root
 * @param argument, like the result, goes through JSON
 */
export function callInBun<T>(file: string, name: string, argument: unknown): T {
  const code = `
    import { ${name} } from ${JSON.stringify(join(ROOT, file))};
    const result = await ${name}(JSON.parse(await Bun.stdin.text()));
    console.log(JSON.stringify(result));`;
  const input = JSON.stringify(argument);
  return JSON.parse(execFileSync(BUN, ['-e', code], { input, encoding: 'utf8', cwd: ROOT }));
}

/**
 * Bundles TypeScript for Node, which reads none in version 20.
 * @param options of `bun build`, the files among them
 */
export function bundleForNode(options: readonly string[]): void {
  const words = ['build', '--target=node', '--format=esm', ...options];
  execFileSync(BUN, words, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
}
