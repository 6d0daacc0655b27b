// Builds the executable: one file that needs neither Node.js nor any other file, compiled by Bun.
//   npm run standalone            build/standalone/tokencli, for this machine
//   npm run standalone -- --all   and build/standalone/tokencli-PLATFORM for every platform below
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';

/** Our name, Bun's, and that of the keyring's native module. */
const TARGETS = [
  ['linux-x64', 'linux-x64', 'linux-x64-gnu'],
  ['linux-arm64', 'linux-aarch64', 'linux-arm64-gnu'],
  ['linux-x64-musl', 'linux-x64-musl', 'linux-x64-musl'],
  ['linux-arm64-musl', 'linux-aarch64-musl', 'linux-arm64-musl'],
  ['darwin-x64', 'darwin-x64', 'darwin-x64'],
  ['darwin-arm64', 'darwin-aarch64', 'darwin-arm64'],
  ['win32-x64', 'windows-x64', 'win32-x64-msvc'],
];
const OUTPUT = 'build/standalone';
const { version, devDependencies, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const { platform, arch, report } = process;
const isMusl = platform === 'linux' && !report.getReport().header.glibcVersionRuntime;
const own = TARGETS.find(([name]) => name === `${platform}-${arch}${isMusl ? '-musl' : ''}`);
if (!own) throw new Error(`there is no runtime for ${platform}-${arch}`);

const OWN_BUN = `node_modules/@oven/bun-${own[1]}/bin/${platform === 'win32' ? 'bun.exe' : 'bun'}`;
mkdirSync(OUTPUT, { recursive: true });
if (process.argv.includes('--all')) {
  for (const target of TARGETS) {
    try {
      compile(target, `tokencli-${target[0]}`);
    } catch (error) {
      console.error(`not built: tokencli-${target[0]}: ${String(error.stderr ?? error).trim()}`);
      process.exitCode = 1;
    }
  }
}
compile(own, 'tokencli');

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

/** As installed here; what is for another platform comes from the registry that npm is set to. */
function packageFolder(name, exactVersion) {
  if (existsSync(`node_modules/${name}`)) return `node_modules/${name}`;
  const prefix = `build/runtimes/${name.split('/')[1]}-${exactVersion}`;
  const words = ['install', '--force', '--ignore-scripts', '--no-save', '--prefix', prefix];
  if (!existsSync(`${prefix}/node_modules/${name}`)) {
    execFileSync('npm', [...words, `${name}@${exactVersion}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }
  return `${prefix}/node_modules/${name}`;
}
