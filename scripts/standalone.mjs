// Builds the executable: one file that needs neither Node.js nor any other file, compiled by Bun.
//   npm run standalone            build/standalone/tokencli, for this machine
//   npm run standalone -- --all   and build/standalone/tokencli-PLATFORM for all that are listed here
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

const OUTPUT = 'build/standalone';
/** Packages that were fetched for other platforms; they are kept between builds. */
const FETCHED = 'build/fetched';

/** Our name, Bun's, and that of the keyring's native module. */
const TARGETS = [
  { name: 'linux-x64', bun: 'linux-x64', keyring: 'linux-x64-gnu' },
  { name: 'linux-arm64', bun: 'linux-aarch64', keyring: 'linux-arm64-gnu' },
  { name: 'linux-x64-musl', bun: 'linux-x64-musl', keyring: 'linux-x64-musl' },
  { name: 'linux-arm64-musl', bun: 'linux-aarch64-musl', keyring: 'linux-arm64-musl' },
  { name: 'darwin-x64', bun: 'darwin-x64', keyring: 'darwin-x64' },
  { name: 'darwin-arm64', bun: 'darwin-aarch64', keyring: 'darwin-arm64' },
  { name: 'windows-x64', bun: 'windows-x64', keyring: 'win32-x64-msvc' },
];

const { version, devDependencies, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
mkdirSync(OUTPUT, { recursive: true });
const own = TARGETS.find(({ name }) => name === ownName());
if (!own) throw new Error(`there is no runtime for ${ownName()}`);
const missing = [];
if (process.argv.includes('--all'))
  for (const target of TARGETS) buildFor(target, `tokencli-${target.name}`);
buildFor(own, 'tokencli');
if (missing.length > 0) {
  process.stderr.write(missing.map((line) => `not built: ${line}\n`).join(''));
  process.exitCode = 1;
}

function ownName() {
  const { platform, arch, report } = process;
  const isMusl = platform === 'linux' && !report.getReport().header.glibcVersionRuntime;
  return `${platform === 'win32' ? 'windows' : platform}-${arch}${isMusl ? '-musl' : ''}`;
}

function buildFor(target, name) {
  const isWindows = target.bun.startsWith('windows');
  try {
    const bun = packageFolder(`@oven/bun-${target.bun}`, devDependencies.bun);
    const keyring = packageFolder(
      `@napi-rs/keyring-${target.keyring}`,
      dependencies['@napi-rs/keyring'],
    );
    compile(
      name,
      [`--target=bun-${target.bun}`, `--compile-executable-path=${binaryOf(bun)}`],
      join(keyring, `keyring.${target.keyring}.node`),
    );
    if (isWindows && !existsSync(join(OUTPUT, `${name}.exe`))) throw new Error('no file was made');
  } catch (error) {
    missing.push(
      `${name}: ${String(error.stderr ?? error.message)
        .trim()
        .split('\n')
        .at(-1)}`,
    );
  }
}

function binaryOf(folder) {
  const bin = join(folder, 'bin');
  return join(bin, readdirSync(bin).find((file) => /^bun(\.exe)?$/.test(file)) ?? 'bun');
}

function compile(name, target, keyring) {
  copyFileSync(keyring, join(OUTPUT, 'keyring-module.bin'));
  const bun = binaryOf(packageFolder(`@oven/bun-${own.bun}`, devDependencies.bun));
  // what the folder that it is started in holds must not change what it does
  const closed = ['dotenv', 'bunfig', 'tsconfig', 'package-json'].map(
    (what) => `--no-compile-autoload-${what}`,
  );
  execFileSync(
    bun,
    [
      ...['build', '--compile', ...target, ...closed],
      ...['--minify', '--splitting', '--bytecode', '--format=esm'],
      ...[
        `--define=TOKENCLI_VERSION=${JSON.stringify(version)}`,
        `--metafile=${OUTPUT}/${name}.json`,
      ],
      ...['src/executable.ts', `--outfile=${OUTPUT}/${name}`],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
}

/** From node_modules, else from the registry that npm is set to. */
function packageFolder(name, exactVersion) {
  const installed = join('node_modules', name);
  if (existsSync(installed)) return installed;
  const folder = join(FETCHED, `${name.replace(/[@/]/g, '_')}-${exactVersion}`);
  if (!existsSync(folder)) {
    const half = `${folder}.part`;
    rmSync(half, { recursive: true, force: true });
    mkdirSync(half, { recursive: true });
    const [{ filename }] = JSON.parse(
      execFileSync(
        'npm',
        ['pack', '--json', '--pack-destination', half, `${name}@${exactVersion}`],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      ),
    );
    execFileSync('tar', ['-xzf', join(half, filename), '-C', half, '--strip-components=1']);
    rmSync(join(half, filename));
    renameSync(half, folder);
  }
  return resolve(folder);
}
