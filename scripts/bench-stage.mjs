// What scripts/bench measures: homes with an identity provider and a keyring behind them, and the
// calls that are made in them.
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { loadTypeScript } from './load-typescript.mjs';

/** The two programs, by the words that start them. Both work in the same homes. */
export const PROGRAMS = {
  executable: [resolve('build/standalone/tokencli')],
  npm: [process.execPath, resolve('dist/tokencli.cjs')],
};
const SECRET = randomBytes(24).toString('base64url');
const GET_TOKEN = ['get-token', '-p', 'app', '--silent'];
const PLUGIN = ['get-token', '-p', 'app', '--format', 'k8s'];
const MANY_PROFILES = 1_000;
const MANY_TOKENS = 1_000;

const support = await loadTypeScript(
  `export { startStandIn } from './tests/support/stand-in/stand-in.ts';
   export { createTestCa } from './tests/support/tls.ts';
   export { startKeyringSession } from './tests/support/keyring-session.ts';
   export { openEnvelope, parseEnvelope } from './src/secrets/sealed-file.ts';
   export { openVault } from './src/secrets/vault.ts';
   export * from './src/tokens/cache-file.ts';`,
  '.',
  'bench-support',
);

/** @returns the calls by name, and how to clean up */
export async function setBenchStage() {
  const folder = mkdtempSync(join(tmpdir(), 'tokencli-bench-'));
  const tls = support.createTestCa();
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, tls.caPem);
  const clientId = randomUUID();
  const idp = await support.startStandIn({ tls, clients: [{ id: clientId, secret: SECRET }] });
  const keyring = await support.startKeyringSession('unlocked');
  const end = async () => {
    await keyring.stop();
    await idp.close();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => void end().finally(() => process.exit(1)));
  }
  const context = { folder, caFile, clientId, idp };
  try {
    return { end, ...(await makeCases(context, keyring.env)) };
  } catch (error) {
    await end();
    throw error;
  }
}

async function makeCases(context, keyringEnv) {
  const inKeyring = await makeHome(context, 'keyring', keyringEnv);
  const storeKey = randomBytes(32).toString('base64');
  const sealed = { TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: storeKey };
  const inFile = await makeHome(context, 'file', sealed);
  const manyProfiles = await makeHome(context, 'many-profiles', sealed, addProfiles);
  const manyTokens = await makeHome(context, 'many-tokens', sealed);
  await multiplyTokens(manyTokens.home, storeKey);
  const tokenFile = join(context.folder, 'token.txt');
  writeFileSync(tokenFile, inFile.token);
  const { env, token } = inFile;
  const cached = ({ env, token }) => ({ args: GET_TOKEN, env, out: token });
  const miss = async (name, variables) => {
    const { home, env } = await makeHome(context, name, variables);
    const forget = () => rmSync(join(home, '.tokencli/cache/app.tokens'));
    return { args: GET_TOKEN, env, before: forget };
  };
  const calls = [
    {
      ...cached(inFile),
      name: 'file',
      title: 'cached `get-token --silent`, sealed file',
      goals: { executable: 0.45, npm: 1.7 },
      memory: { executable: 0.65, npm: 1.2 },
    },
    {
      ...cached(inKeyring),
      name: 'keyring',
      title: 'cached `get-token --silent`, Secret Service',
      goals: { executable: 0.8, npm: 2.1 },
    },
    {
      name: 'k8s',
      title: 'cached `get-token --format k8s`, sealed file',
      args: PLUGIN,
      out: await inFile.run(...PLUGIN),
      goals: { executable: 0.45, npm: 1.7 },
    },
    {
      name: 'inspect',
      title: '`inspect` from a pipe',
      args: ['inspect'],
      stdin: token,
      goals: { executable: 0.6, npm: 2 },
    },
    {
      name: 'discover',
      title: '`discover -f`',
      args: ['discover', '-f', tokenFile],
      goals: { executable: 0.6, npm: 2 },
    },
    {
      name: 'version',
      title: '`--version`',
      args: ['--version'],
      goals: { executable: 0.4, npm: 1.5 },
    },
    { name: 'help', title: '`--help`', args: ['--help'], goals: { executable: 0.6, npm: 3 } },
    {
      ...(await miss('miss-file', sealed)),
      name: 'miss-file',
      title: 'a new ClientCredentials token, sealed file: lock, request, save',
      goals: { executable: 1.5, npm: 6 },
    },
    {
      ...(await miss('miss-keyring', keyringEnv)),
      name: 'miss-keyring',
      title: 'a new ClientCredentials token, Secret Service',
      goals: { executable: 2.2, npm: 7 },
    },
    {
      ...cached(manyProfiles),
      name: 'many-profiles',
      title: 'cached, 1,000 profiles (against one)',
      goals: { executable: 1.3, npm: 1.3 },
      against: 'file',
    },
    {
      ...cached(manyTokens),
      name: 'many-tokens',
      title: 'cached, 1,000 cached tokens (against one)',
      goals: { executable: 1.1, npm: 1.1 },
      against: 'file',
    },
  ];
  const requests = () => context.idp.tokenRequests().length;
  const node = { name: 'node', words: [process.execPath, '-e', '0'], env };
  return { node, calls: calls.map((call) => ({ env, ...call })), requests };
}

/** A home with one profile whose token is in the cache. */
async function makeHome({ folder, caFile, clientId, idp }, name, variables, prepare) {
  const home = join(folder, name);
  mkdirSync(home);
  const env = cleanEnv({ HOME: home, ...variables });
  const start = promisify(execFile);
  const [program] = PROGRAMS.executable;
  const run = async (...args) => (await start(program, args, { env })).stdout;
  const create = [
    ...['config', 'create', '--name', 'app', '--client-id', clientId, '--tenant-id', idp.tenant],
    ...['--authority', idp.origin, '--ca-file', caFile, '--client-secret-env', 'BENCH_SECRET'],
  ];
  await start(program, create, { env: { ...env, BENCH_SECRET: SECRET } });
  prepare?.(home);
  return { home, env, run, token: await run(...GET_TOKEN) };
}

/** NODE_EXTRA_CA_CERTS alone makes every start of Node 20 three times as long (measured). */
function cleanEnv(variables) {
  const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', ...variables };
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}

function addProfiles(home) {
  const path = join(home, '.tokencli/profiles.json');
  const file = JSON.parse(readFileSync(path, 'utf8'));
  const [app] = file.profiles;
  const { credentials: _none, ...fields } = app;
  const others = Array.from({ length: MANY_PROFILES - 1 }, (_, index) => ({
    ...fields,
    name: `other-${index}`,
    clientId: randomUUID(),
  }));
  file.profiles = [...others.slice(0, MANY_PROFILES / 2), app, ...others.slice(MANY_PROFILES / 2)];
  writeFileSync(path, `${JSON.stringify(file, undefined, 2)}\n`);
}

/** Other tokens behind the one that is asked for, as the cache itself puts them. */
async function multiplyTokens(home, storeKey) {
  const path = join(home, '.tokencli/cache/app.tokens');
  const bytes = readFileSync(path);
  const header = support.readHeader(bytes);
  const records = support.readRecords(bytes);
  const sealed = support.parseEnvelope(readFileSync(join(home, '.tokencli/secrets.sealed')));
  const secrets = support.openEnvelope(sealed, Buffer.from(storeKey, 'base64'));
  const vault = support.openVault({ get: async (account) => secrets[account] });
  const key = Buffer.from(await vault.read('cacheKey', header.key), 'base64');
  const contents = records.map((record) => support.openRecord(key, header, 'app', record));
  const token = contents.find((content) => 'accessToken' in content);
  const others = Array.from({ length: MANY_TOKENS - 1 }, () =>
    support.sealRecord(key, header, 'app', randomBytes(16).toString('hex'), token),
  );
  writeFileSync(path, support.formatCacheFile(header, [...records, ...others]));
}
