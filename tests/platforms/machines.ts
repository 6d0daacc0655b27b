import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { program, ROOT } from '../support/built-cli.ts';
import { openWine } from './wine.ts';

/** A platform that this machine can run. */
export interface Machine {
  /** What starts the program there. */
  readonly words: readonly string[];
  /** What runs a script there: Node.js, or with `BUN_BE_BUN` the executable itself. */
  readonly engine: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** How a file of this machine is called there. */
  path(file: string): string;
  readonly isWindows: boolean;
  /** False where Wine cannot load the module that is embedded in the executable. */
  readonly hasKeyring: boolean;
}

/** Everything that is fetched or made for the platforms. */
const FOLDER = join(ROOT, 'build', 'platforms');
const STANDALONE = join(ROOT, 'build', 'standalone');
const ARM = ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'];
const LINUX: Machine = {
  words: [],
  engine: [],
  env: {},
  path: (file) => file,
  isWindows: false,
  hasKeyring: true,
};

const MACHINES: Readonly<Record<string, () => Machine | Promise<Machine>>> = {
  'node-20': () => npmPackage(LINUX, 'linux', 'x64', 20),
  'node-22': () => npmPackage(LINUX, 'linux', 'x64', 22),
  'node-24': () => npmPackage(LINUX, 'linux', 'x64', 24),
  'windows-node-20': () => npmPackage(windows(), 'win32', 'x64', 20),
  'windows-node-22': () => npmPackage(windows(), 'win32', 'x64', 22),
  'windows-executable': () => executable({ ...windows(), hasKeyring: false }, 'win32-x64', '.exe'),
  'arm64-node-22': () => npmPackage({ ...LINUX, words: ARM }, 'linux', 'arm64', 22),
  'arm64-executable': () => executable({ ...LINUX, words: ARM }, 'linux-arm64'),
  'musl-executable': () => executable(musl(), 'linux-x64-musl'),
};

/** @param name of the machine; what it needs is fetched and made first */
export function openMachine(name: string): Machine | Promise<Machine> {
  const open = MACHINES[name];
  if (!open) throw new Error(`no machine ${name}: ${Object.keys(MACHINES).join(', ')}`);
  mkdirSync(FOLDER, { recursive: true });
  return open();
}

/** The executable of this machine, with which all others are compared. */
export async function referenceMachine(): Promise<Machine> {
  const words = await program('executable');
  return { ...LINUX, words, engine: words };
}

async function npmPackage(base: Machine, os: string, cpu: string, major: number): Promise<Machine> {
  const system = `${os === 'win32' ? 'win' : os}-${cpu}`;
  const folder = join(FOLDER, `node-${system}-${major}`);
  const binary = join(folder, 'node_modules', `node-${system}`, 'bin');
  if (!existsSync(binary)) install(folder, os, cpu, `node-${system}@${major}`);
  await program('npm package');
  const packed = { cwd: ROOT, encoding: 'utf8' } as const;
  const words = ['pack', '--ignore-scripts', '--silent', '--pack-destination', FOLDER];
  const file = join(FOLDER, execFileSync('npm', words, packed).trim());
  const at = join(FOLDER, `npm-package-${system}`);
  // npm takes a packed file of the same version for the one it has
  rmSync(at, { recursive: true, force: true });
  install(at, os, cpu, file);
  const cli = join(at, 'node_modules', 'tokencli', 'dist', 'tokencli.cjs');
  const node = [...base.words, join(binary, os === 'win32' ? 'node.exe' : 'node')];
  // Wine's consoles have no title, which Node 22 takes for a failure
  if (base.isWindows) node.push('--title=tokencli');
  return { ...base, engine: node, words: [...node, base.path(cli)] };
}

function executable(base: Machine, target: string, ending = ''): Machine {
  execFileSync('npm', ['run', '--silent', 'standalone', '--', target], { cwd: ROOT });
  const words = [...base.words, join(STANDALONE, `tokencli-${target}${ending}`)];
  return { ...base, words, engine: words };
}

function install(folder: string, os: string, cpu: string, what: string): void {
  mkdirSync(folder, { recursive: true });
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline'];
  const how = ['--force', '--ignore-scripts', '--no-save', `--os=${os}`, `--cpu=${cpu}`];
  const words = ['install', '--prefix', folder, ...quiet, ...how, what];
  execFileSync('npm', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function windows(): Machine {
  return { ...LINUX, ...openWine(join(FOLDER, 'wine')), isWindows: true };
}

/** Bun needs a C++ library; Debian's is one for glibc. */
function musl(): Machine {
  const folder = join(FOLDER, 'musl');
  const shim = join(folder, 'ld-linux-x86-64.so.2');
  if (!existsSync(shim)) {
    mkdirSync(folder, { recursive: true });
    const source = join(ROOT, 'tests', 'platforms', 'musl-shim.c');
    execFileSync('gcc', ['-shared', '-fPIC', '-nostdlib', '-o', shim, source]);
    for (const name of ['libstdc++.so.6', 'libgcc_s.so.1']) {
      symlinkSync(join('/usr/lib/x86_64-linux-gnu', name), join(folder, name));
    }
  }
  return { ...LINUX, env: { LD_LIBRARY_PATH: folder } };
}
