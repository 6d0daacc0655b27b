// Builds the executable: one file that needs neither Node.js nor any other file, compiled by Bun.
//   npm run standalone            build/standalone/tokencli, for this machine
//   npm run standalone -- --all   and build/standalone/tokencli-PLATFORM for each of platforms.mjs
//   npm run standalone -- NAME…   the latter for those that are named, and nothing else
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { ownTarget, packageFolder, TARGETS } from './platforms.mjs';

const OUTPUT = 'build/standalone';
const { version, devDependencies, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const { platform } = process;
const own = ownTarget();
const OWN_BUN = `node_modules/@oven/bun-${own[1]}/bin/${platform === 'win32' ? 'bun.exe' : 'bun'}`;
mkdirSync(OUTPUT, { recursive: true });
const words = process.argv.slice(2);
const unknown = words.find((word) => word !== '--all' && TARGETS.every(([name]) => name !== word));
if (unknown !== undefined) throw new Error(`no platform ${unknown}`);
for (const target of TARGETS) {
  if (!words.includes('--all') && !words.includes(target[0])) continue;
  try {
    compile(target, `tokencli-${target[0]}`);
  } catch (error) {
    console.error(`not built: tokencli-${target[0]}: ${String(error.stderr ?? error).trim()}`);
    process.exitCode = 1;
  }
}
if (words.length === 0 || words.includes('--all')) compile(own, 'tokencli');

function compile([, bun, keyring], name) {
  const binary = bun.startsWith('windows') ? 'bun.exe' : 'bun';
  const runtime = `${packageFolder(`@oven/bun-${bun}`, devDependencies.bun)}/bin/${binary}`;
  const addon = packageFolder(`@napi-rs/keyring-${keyring}`, dependencies['@napi-rs/keyring']);
  copyFileSync(`${addon}/keyring.${keyring}.node`, `${OUTPUT}/keyring-module.bin`);
  // what lies in the folder that it is started in must not change what it does
  const closed = ['dotenv', 'bunfig', 'tsconfig', 'package-json'];
  const options = [
    ...['--compile', `--target=bun-${bun}`, `--compile-executable-path=${runtime}`],
    ...closed.map((what) => `--no-compile-autoload-${what}`),
    ...['--minify', '--splitting', '--bytecode', '--format=esm'],
    ...[`--define=TOKENCLI_VERSION="${version}"`, `--metafile=build/${name}.json`],
  ];
  const words = ['build', ...options, 'src/executable.ts', `--outfile=${OUTPUT}/${name}`];
  execFileSync(OWN_BUN, words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
