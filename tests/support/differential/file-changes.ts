import { chmodSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountOf } from '../../../src/secrets/account.ts';
import { cachePath } from '../../../src/tokens/cache-file.ts';
import { chmod, folder, link, onFile, type Place, type Work } from './change.ts';

/** What lies in the place of a file, and bytes that have changed. */
export const FILE_CHANGES = {
  'no cache file': onFile(cacheFile, (path) => rmSync(path)),
  'an empty cache file': onFile(cacheFile, (path) => writeFileSync(path, '')),
  'a cut cache file': onFile(cacheFile, cut),
  'a changed byte in the cache file': onFile(cacheFile, flip),
  'a cache file with another mode': onFile(cacheFile, (path, at) => chmod(path, at)),
  'a cache file that is a link': onFile(cacheFile, link),
  'a cache file that is a link to nothing': onFile(cacheFile, deadLink),
  'a cache file that is a folder': onFile(cacheFile, folder),
  'a cache file with a name in capitals': onFile(cacheFile, (path, _at, { profile }) =>
    renameSync(path, join(path, '..', `${profile.toUpperCase()}.tokens`)),
  ),
  'no cache folder': onFile(cacheFolder, (path) => rmSync(path, { recursive: true })),
  'a cache folder that is a link': onFile(cacheFolder, link),
  'a cache folder that is a file': onFile(cacheFolder, (path) => {
    rmSync(path, { recursive: true });
    writeFileSync(path, '');
  }),
  'a cache folder with another mode': onFile(cacheFolder, (path) => chmodSync(path, 0o755)),
  'no key.json': onFile(keyFile, (path) => rmSync(path)),
  'a damaged key.json': onFile(keyFile, (path) => writeFileSync(path, '{"file":5}')),
  'no secrets': onFile(secretsFile, (path) => rmSync(path)),
  'empty secrets': onFile(secretsFile, (path) => writeFileSync(path, '')),
  'cut secrets': onFile(secretsFile, cut),
  'a changed byte in the secrets': onFile(secretsFile, flip),
  'secrets of a newer tokencli': onFile(secretsFile, (path) =>
    writeFileSync(path, readFileSync(path, 'utf8').replace('"version":1', '"version":2')),
  ),
  'secrets under a passphrase': onFile(secretsFile, (path) =>
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(
        '"version":1',
        '"version":1,"kdf":{"name":"scrypt","N":16384,"r":8,"p":1,"salt":"AAAAAAAAAAAAAAAAAAAAAA=="}',
      ),
    ),
  ),
  'secrets with another mode': onFile(secretsFile, (path, at) => chmod(path, at)),
  'secrets that are a link': onFile(secretsFile, link),
  'secrets that are a folder': onFile(secretsFile, folder),
  'no cache key': ({ draft }) => {
    delete draft.secrets[accountOf('cacheKey', draft.caches[0]?.header.key ?? '')];
  },
  'a damaged cache key': ({ draft, at }) => {
    const account = accountOf('cacheKey', draft.caches[0]?.header.key ?? '');
    draft.secrets[account] = ['', 'short', 'x'.repeat(44), 'A'.repeat(43)][at % 4] ?? '';
  },
  'a header that names a key for something else': ({ draft, profile }) => {
    const id = '1'.repeat(32);
    draft.secrets[accountOf('cacheKey', id)] = Buffer.alloc(32, 1).toString('base64');
    draft.lines.push((files) => {
      const [head = '', ...lines] = files.get(profile.toLowerCase()) ?? [];
      files.set(profile.toLowerCase(), [head.replace(/[0-9a-f]{32}/, id), ...lines]);
    });
  },
  'no client secret': ({ draft }) => {
    for (const account of Object.keys(draft.secrets)) {
      if (account.startsWith('clientSecret')) delete draft.secrets[account];
    }
  },
  'no certificate': onFile(certificateFile, (path) => rmSync(path)),
  'a certificate that is a folder': onFile(certificateFile, folder),
  'a certificate with another mode': onFile(certificateFile, (path, at) => chmod(path, at)),
  'a home that others may look into': ({ draft, world }) => {
    draft.files.push(() => chmodSync(world.paths.home, 0o755));
  },
} satisfies Record<string, Work>;

function cacheFile({ world, profile }: Place): string {
  return cachePath(world.paths.cacheFolder, profile);
}

function cacheFolder({ world }: Place): string {
  return world.paths.cacheFolder;
}

function keyFile({ world }: Place): string {
  return join(world.paths.cacheFolder, 'key.json');
}

function secretsFile({ world }: Place): string {
  return world.paths.sealedSecrets;
}

function certificateFile({ world }: Place): string {
  return join(world.stage.home, 'certificate.pem');
}

function deadLink(path: string): void {
  rmSync(path);
  symlinkSync(`${path}.gone`, path);
}

function cut(path: string, at: number): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, bytes.length - 1 - (at % bytes.length)));
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  const place = at % bytes.length;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
