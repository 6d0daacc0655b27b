// The platforms that there is an executable for, and where what each needs comes from.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Our name, Bun's, and that of the keyring's native module. */
export const TARGETS = [
  ['linux-x64', 'linux-x64', 'linux-x64-gnu'],
  ['linux-arm64', 'linux-aarch64', 'linux-arm64-gnu'],
  ['linux-x64-musl', 'linux-x64-musl', 'linux-x64-musl'],
  ['linux-arm64-musl', 'linux-aarch64-musl', 'linux-arm64-musl'],
  ['darwin-x64', 'darwin-x64', 'darwin-x64'],
  ['darwin-arm64', 'darwin-aarch64', 'darwin-arm64'],
  ['win32-x64', 'windows-x64', 'win32-x64-msvc'],
];

/** The row of the machine that this runs on. */
export function ownTarget() {
  const { platform, arch, report } = process;
  const isMusl = platform === 'linux' && !report.getReport().header.glibcVersionRuntime;
  const own = TARGETS.find(([name]) => name === `${platform}-${arch}${isMusl ? '-musl' : ''}`);
  if (!own) throw new Error(`there is no runtime for ${platform}-${arch}`);
  return own;
}

/** As installed here; what is for another platform comes from the registry that npm is set to. */
export function packageFolder(name, exactVersion) {
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
