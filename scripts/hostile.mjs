// What can go wrong on a bad day, many times over. Each part prints its counts and its seed.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** Name, test file, and how often the long run tries; a run of a part means what its file says. */
const PARTS = {
  kill: ['tests/hostile/kill.test.ts', 1000],
  'kill-sweep': ['tests/hostile/kill-sweep.test.ts', 1],
  faults: ['tests/hostile/faults.test.ts', 300],
  parallel: ['tests/hostile/parallel.test.ts', 200],
  keyring: ['tests/hostile/keyring.test.ts', 200],
  'output-race': ['tests/hostile/output-race.test.ts', 1000],
  fuzz: ['tests/hostile/fuzz.test.ts', 750_000],
  tokens: ['tests/tokens/jwt-fuzz.test.ts', 200_000],
  'import-kill': ['tests/e2e/config-import.test.ts', 200],
  imports: ['tests/commands/config-import-fuzz.test.ts', 50_000],
  loopback: ['tests/adapters/loopback/loopback.test.ts', 50_000],
  exec: ['tests/hostile/exec.test.ts', 50_000],
  throttling: ['tests/hostile/throttling.test.ts', 50],
  clock: ['tests/hostile/clock.test.ts', 1],
  canaries: ['tests/e2e/canary.test.ts', 1],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name));
if (values.help || unknown.length > 0) {
  console.error(`scripts/hostile [PART…] [--runs N] [--seed N]
parts (all by default): ${Object.keys(PARTS).join(', ')}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const failed = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const [file, usual] = PARTS[name];
  const runs = values.runs ?? String(usual);
  console.error(`\n${name}: ${runs} runs`);
  const { status } = spawnSync('npm', ['run', '-s', 'jest', '--', '--runInBand', file], {
    stdio: 'inherit',
    env: {
      ...process.env,
      TOKENCLI_HOSTILE_LONG: '1',
      TOKENCLI_HOSTILE_RUNS: runs,
      TOKENCLI_FUZZ_COUNT: runs,
      HOSTILE_REQUESTS: runs,
      ...(values.seed && {
        TOKENCLI_HOSTILE_SEED: values.seed,
        TOKENCLI_FUZZ_SEED: values.seed,
      }),
    },
  });
  if (status !== 0) failed.push(name);
}
console.error(failed.length > 0 ? `\nfailed: ${failed.join(', ')}` : '\nall parts passed');
process.exitCode = failed.length > 0 ? 1 : 0;
