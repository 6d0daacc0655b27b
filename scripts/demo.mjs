// Tokens for real, an application's and with `sign-in` a person's: against the identity provider of the tests, in a temporary
// home, with the sealed file store. Every line after `$` is what the shell then runs.
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { loadTypeScript } from './load-typescript.mjs';

const CLIENT_ID = randomUUID();
const STORE_KEY = randomBytes(32).toString('base64');
const SIGN_IN_ID = randomUUID();
const USER = { username: 'ada@contoso.example', password: 'analytical-engine' };
const signsIn = process.argv[2] === 'sign-in';
if (process.argv.length > (signsIn ? 3 : 2)) {
  process.stderr.write('scripts/demo: usage: scripts/demo [sign-in]\n');
  process.exit(2);
}
const SECRET = `-demo~${randomBytes(18).toString('base64url')}`;

const { startStandIn, createTestCa } = await loadTypeScript(
  `export { startStandIn } from './stand-in/stand-in.ts'; export { createTestCa } from './tls.ts';`,
  'tests/support',
  'stand-in',
);
const folder = await mkdtemp(join(tmpdir(), 'tokencli-demo-'));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
}
const tls = createTestCa();
const idp = await startStandIn({
  tls,
  clients: [
    { id: CLIENT_ID, secret: SECRET, roles: ['User.Read.All'] },
    { id: SIGN_IN_ID, redirectUris: ['http://localhost'] },
  ],
  users: [USER],
  needsConsent: ['https://graph.microsoft.com/Mail.Read'],
});

/** What a browser of this session needs, which lives in the real home. */
const BROWSER_ENV = Object.fromEntries(
  ['BROWSER', 'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_RUNTIME_DIR', 'SSH_CONNECTION']
    .filter((name) => process.env[name] !== undefined)
    .map((name) => [name, process.env[name]]),
);

let failed = false;
try {
  await prepare();
  await demonstrate();
} catch (error) {
  failed = true;
  process.stderr.write(`\nscripts/demo: ${error.message}\n`);
} finally {
  await idp.close();
  await rm(folder, { recursive: true, force: true });
}
if (!failed) say('The identity provider is stopped and the temporary home removed.');
process.exitCode = failed ? 1 : 0;

async function demonstrate() {
  say(`An identity provider shaped like Microsoft Entra ID listens on
${idp.origin}; it knows one application and its secret.
The temporary home has no keyring, so secrets go into a sealed file.`);
  show('export TOKENCLI_STORE=file');
  show('export TOKENCLI_STORE_KEY="$(head -c 32 /dev/urandom | base64)"');

  say('A profile. The secret comes from stdin, never from the command line.');
  await run(`tokencli config create --name demo \\
    --client-id ${CLIENT_ID} \\
    --tenant-id ${idp.tenant} \\
    --authority ${idp.origin} --ca-file ca.pem \\
    --scope https://graph.microsoft.com/.default \\
    --client-secret-stdin <secret.txt`);

  say('A token for the profile: the token on stdout, the conversation on stderr.');
  await run('tokencli get-token -p demo >token.txt');
  await run('head -c 60 token.txt; echo …');

  say('What the token says, in a script.');
  await run('tokencli get-token -p demo --silent | tokencli inspect');

  say('That was served from the sealed cache, and so is this.');
  await run(`tokencli get-token -p demo --json |
    node -p 'JSON.parse(fs.readFileSync(0)).fromCache'`);
  const count = idp.tokenRequests().length;
  say(`Token requests that the identity provider has seen: ${count}`);
  if (count !== 1) throw new Error('one was expected');
  if (signsIn) await demonstrateSignIn();
  else say('A person signs in, in your own browser, with: ./scripts/demo sign-in');
}

async function demonstrateSignIn() {
  say(`Now a person. A public client needs no secret; the profile says who and what for.`);
  await run(`tokencli config create --name me \\
    --client-id ${SIGN_IN_ID} \\
    --tenant-id ${idp.tenant} \\
    --authority ${idp.origin} --ca-file ca.pem \\
    --flow InteractiveBrowser --scope https://graph.microsoft.com/Mail.Read`);

  say(`Sign in as  ${USER.username}
with the password  ${USER.password}
Your browser does not know the certificate of this demonstration, and says so;
it is safe to go on, the address is this machine's.`);
  await run('tokencli get-token -p me >mine.txt');
  await run('tokencli inspect -f mine.txt --explain');

  say('One sign-in, several resources: no browser this time.');
  await run(`tokencli get-token -p me --scope api://orders/Orders.Read --silent |
    tokencli inspect --claim aud`);
  await run('tokencli refresh -p me >mine.txt');
  await run('tokencli config show -p me');
  await run('tokencli logout -p me');
}

async function prepare() {
  await mkdir(join(folder, 'bin'));
  await symlink(resolve('build/standalone/tokencli'), join(folder, 'bin', 'tokencli'));
  await writeFile(join(folder, 'ca.pem'), tls.caPem);
  await writeFile(join(folder, 'secret.txt'), SECRET, { mode: 0o600 });
}

function run(command) {
  show(command);
  const env = {
    PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
    HOME: folder,
    TERM: process.env.TERM,
    LANG: process.env.LANG,
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: STORE_KEY,
    ...(signsIn && BROWSER_ENV),
  };
  return new Promise((done, reject) => {
    const shell = spawn('bash', ['-eo', 'pipefail', '-c', command], {
      cwd: folder,
      env,
      stdio: 'inherit',
    });
    shell.on('error', reject);
    shell.on('close', (code) =>
      code === 0 ? done() : reject(new Error(`the command ended with exit code ${code}`)),
    );
  });
}

function show(command) {
  process.stdout.write(`$ ${command}\n`);
}

function say(text) {
  process.stdout.write(`\n${text.replace(/^/gm, '# ')}\n`);
}
