import { expect, it } from '@jest/globals';
import { program, ROOT } from '../support/built-cli.ts';
import { type RunResult, runCli } from '../support/run-cli.ts';

function bench(args: readonly string[]): Promise<RunResult> {
  return runCli(args, { program: [process.execPath, 'scripts/bench.mjs'], cwd: ROOT });
}

it('measures both programs, whose answers are right, against bare Node', async () => {
  await Promise.all([program('executable'), program('npm package')]);
  const { code, out, err } = await bench(['--rounds', '1', '--only', 'version']);
  // 1 where a goal is missed, of which a single round says nothing
  expect([0, 1]).toContain(code);
  expect(err).toBe('');
  expect(out).toMatch(/^bare node: [\d.]+ ms, [\d.]+ MiB$/m);
  for (const name of ['executable', 'npm']) {
    for (const call of ['cached `get-token --silent`, sealed file', '`--version`']) {
      expect(out).toMatch(new RegExp(`^${name}: ${call} +(?:[\\d.]+ +){5}`, 'm'));
    }
  }
});

it('refuses what is no number of rounds', async () => {
  const { code, out, err } = await bench(['--rounds', 'many']);
  expect({ code, out, err }).toEqual({
    ...{ code: 2, out: '' },
    err: 'scripts/bench: --rounds takes a number from 1\n',
  });
});
