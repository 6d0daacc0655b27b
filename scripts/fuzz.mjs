// The long form of the fuzz tests: node scripts/fuzz.mjs [tokens|imports] [count] [seed]
import { spawnSync } from 'node:child_process';

const TARGETS = {
  tokens: ['tests/tokens/jwt-fuzz.test.ts', '200000'],
  imports: ['tests/commands/config-import-fuzz.test.ts', '20000'],
};

const [target = 'tokens', count, seed] = process.argv.slice(2);
const [file, usual] = TARGETS[target] ?? TARGETS.tokens;
const { status } = spawnSync('npm', ['run', '-s', 'jest', '--', file], {
  stdio: 'inherit',
  env: {
    ...process.env,
    TOKENCLI_FUZZ_COUNT: count ?? usual,
    ...(seed && { TOKENCLI_FUZZ_SEED: seed }),
  },
});
process.exitCode = status ?? 1;
