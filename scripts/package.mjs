// Makes a release in build/release/: a Debian package, a tarball, the npm package, what they are
// made of (CycloneDX), and SHA256SUMS over all. It needs dpkg-deb and GNU tar.
//   npm run package              for this machine
//   npm run package -- --all     for every platform that there is an executable for
//   npm run package -- --quick   not compressed as well, for a try
//   npm run package -- --tree    only the files of this machine's tarball; prints the folder
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { loadTypeScript } from './load-typescript.mjs';
import { manPages, releaseDate } from './man-pages.mjs';
import { ownTarget, packageFolder, TARGETS } from './platforms.mjs';
import { billOfMaterials } from './sbom.mjs';
import { packageFolders, readPackage, thirdPartyLicenses } from './third-party.mjs';

const OUTPUT = 'build/release';
const DEBIAN_NAMES = { 'linux-x64': 'amd64', 'linux-arm64': 'arm64' };
const LGPL = ['/usr/share/common-licenses/LGPL-2', '/usr/share/common-licenses/LGPL-2.1'];
const { version, description, dependencies, devDependencies } = readPackage('.');
const date = releaseDate();
const start = promisify(execFile);
const flag = { type: 'boolean' };
const { values } = parseArgs({ options: { all: flag, quick: flag, tree: flag } });

process.umask(0o022);
build('scripts/standalone.mjs', ...(values.all ? ['--all'] : []));
const { completionScript } = await loadTypeScript(
  `export * from './src/usecases/completion/completion.ts';`,
  '.',
  'completion',
);
const pages = await manPages();
if (values.tree) {
  const name = nameOf(ownTarget());
  await layTree(`build/package/${name}`, ownTarget(), 'site-functions');
  console.log(`build/package/${name}`);
} else {
  await makeRelease(values.all ? TARGETS : [ownTarget()]);
}

async function makeRelease(targets) {
  fs.rmSync(OUTPUT, { recursive: true, force: true });
  fs.mkdirSync(OUTPUT, { recursive: true });
  for (const target of targets) await Promise.all([makeTarball(target), makeDebian(target)]);
  build('scripts/build.mjs');
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', `--pack-destination=${OUTPUT}`]);
  const chunks = JSON.parse(fs.readFileSync('build/npm-package.json', 'utf8'));
  const programs = {
    executable: references(targets.flatMap(foldersInside)),
    'npm package': references(packageFolders(chunks.flatMap(({ moduleIds }) => moduleIds))),
  };
  const bill = JSON.stringify(billOfMaterials(programs, date), undefined, 2);
  write(`${OUTPUT}/tokencli-${version}.cdx.json`, `${bill}\n`);
  const sums = fs.readdirSync(OUTPUT).map((name) => {
    const hash = createHash('sha256').update(fs.readFileSync(join(OUTPUT, name)));
    return `${hash.digest('hex')}  ${name}\n`;
  });
  write(`${OUTPUT}/SHA256SUMS`, sums.join(''));
  console.log(`${OUTPUT}:\n${sums.join('').trimEnd()}`);
}

async function makeTarball(target) {
  const name = nameOf(target);
  await layTree(`build/package/${name}`, target, 'site-functions');
  const owner = ['--owner=0', '--group=0', '--numeric-owner'];
  const how = [
    '--format=gnu',
    '--sort=name',
    ...owner,
    '-I',
    `gzip -n${values.quick ? 1 : 6}`,
    '-C',
    'build/package',
  ];
  await start('tar', [...how, '-cf', `${OUTPUT}/${name}.tar.gz`, name]);
}

async function makeDebian(target) {
  const architecture = DEBIAN_NAMES[target[0]];
  if (!architecture) return;
  const name = `tokencli_${version}_${architecture}`;
  const root = `build/package/${name}`;
  await layTree(root, target, 'vendor-completions', 'usr');
  const control = `Package: tokencli
Version: ${version}
Architecture: ${architecture}
Maintainer: tokencli maintainers <tokencli@users.noreply.invalid>
Installed-Size: ${Math.ceil(fs.statSync(`${root}/usr/bin/tokencli`).size / 1024)}
Depends: libc6 (>= 2.17), libgcc-s1
Suggests: bash-completion, gnome-keyring
Section: utils
Priority: optional
Description: ${description}
 Profiles are plain JSON, secrets and certificates are in the keyring of the
 desktop or in a sealed file, and the token is on stdout with nothing else.
`;
  write(`${root}/DEBIAN/control`, control);
  const how = ['--root-owner-group', '-Zzstd', `-z${values.quick ? 1 : 9}`, '--threads-max=1'];
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(date.getTime() / 1000) };
  await start('dpkg-deb', [...how, '--build', root, `${OUTPUT}/${name}.deb`], { env });
}

/** All files of an installation below `root`/`prefix`, with the date of the release. */
async function layTree(root, target, zshFolder, prefix = '') {
  fs.rmSync(root, { recursive: true, force: true });
  const exe = target[0].startsWith('win32') ? '.exe' : '';
  const share = join(root, prefix, 'share');
  copy(builtFile('standalone', target) + exe, join(root, prefix, 'bin', `tokencli${exe}`));
  for (const [name, page] of Object.entries(pages)) {
    write(`${share}/man/man1/${name}.gz`, gzipSync(page, { level: 9 }));
  }
  for (const [shell, path] of [
    ['bash', 'bash-completion/completions/tokencli'],
    ['zsh', `zsh/${zshFolder}/_tokencli`],
    ['fish', 'fish/vendor_completions.d/tokencli.fish'],
  ]) {
    write(`${share}/${path}`, (await completionScript({ shell })).stdout);
  }
  const doc = `${share}/doc/tokencli`;
  const license = ['LICENSE', 'scripts/bun-notice.txt'].map((path) =>
    fs.readFileSync(path, 'utf8'),
  );
  write(`${doc}/copyright`, [...license, thirdPartyLicenses(foldersInside(target))].join('\n'));
  write(`${doc}/changelog.gz`, gzipSync(fs.readFileSync('CHANGELOG.md'), { level: 9 }));
  for (const path of LGPL.filter(fs.existsSync)) copy(path, join(doc, basename(path)));
  for (const path of ['', ...fs.readdirSync(root, { recursive: true })]) {
    const full = join(root, path);
    // in a folder that hands its group down, all new ones get its setgid bit
    fs.chmodSync(full, fs.statSync(full).mode & 0o100 ? 0o755 : 0o644);
    fs.utimesSync(full, date, date);
  }
}

/** The packages inside an executable, the runtime and its native module too. */
function foldersInside(target) {
  const [, bun, keyring] = target;
  const { inputs } = JSON.parse(fs.readFileSync(`${builtFile('.', target)}.json`, 'utf8'));
  return [
    ...packageFolders(Object.keys(inputs)),
    ...['node_modules/bun', packageFolder(`@oven/bun-${bun}`, devDependencies.bun)],
    'node_modules/@napi-rs/keyring',
    packageFolder(`@napi-rs/keyring-${keyring}`, dependencies['@napi-rs/keyring']),
  ];
}

/** What scripts/standalone.mjs has made of a target; it is not the same under another name. */
function builtFile(folder, target) {
  const isOwn = target[0] === ownTarget()[0];
  return join('build', folder, isOwn ? 'tokencli' : `tokencli-${target[0]}`);
}

function nameOf(target) {
  return `tokencli-${version}-${target[0]}`;
}

function references(folders) {
  return [...new Set(folders.map(readPackage).map((each) => `${each.name}@${each.version}`))];
}

function build(script, ...words) {
  execFileSync(process.execPath, [script, ...words], { stdio: ['ignore', 2, 2] });
}

function write(path, content) {
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.writeFileSync(path, content);
}

function copy(from, path) {
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.copyFileSync(from, path);
}
