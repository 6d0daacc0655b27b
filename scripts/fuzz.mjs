// The nightly form of the token fuzz test: node scripts/fuzz.mjs [count] [seed]
import { spawnSync } from 'node:child_process';

const [count = '200000', seed] = process.argv.slice(2);
const { status } = spawnSync('npm', ['run', '-s', 'jest', '--', 'tests/tokens/jwt-fuzz.test.ts'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    TOKENCLI_FUZZ_COUNT: count,
    ...(seed && { TOKENCLI_FUZZ_SEED: seed }),
  },
});
process.exitCode = status ?? 1;
