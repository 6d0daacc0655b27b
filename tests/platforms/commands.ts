import type { World } from './world.ts';

/** What the rows have to do with. */
export interface Facts {
  readonly tenant: string;
  readonly origin: string;
  /** PEM, with its key. */
  readonly certificate: string;
  /** Client ids. */
  readonly apps: Readonly<Record<'secret' | 'certified', string>>;
}

/** One command line. The rows are run in this order, in one home. */
export interface Row {
  readonly name: string;
  args(at: World['at'], facts: Facts): readonly string[];
  readonly input?: string;
  env?(at: World['at'], facts: Facts): Readonly<Record<string, string | undefined>>;
  /** Exit code, 0 by default. */
  readonly code?: number;
  /** Token requests, none by default. */
  readonly requests?: number;
  /** A file that it writes, which is compared too. */
  readonly writes?: string;
  /** What of stdout is compared; all by default. */
  view?(out: string): unknown;
}

export const SECRET = 'a~secret/with "quotes" and \\ backslashes %41&=';
export const PFX_PASSWORD = 'a word';
const PASSPHRASE = 'a passphrase of several words';
const GET = ['get-token', '--silent', '-p'];

const just =
  (...args: string[]) =>
  () =>
    args;

/** @param more the rest of the command line */
const create =
  (name: string, app: 'secret' | 'certified', more: (at: World['at']) => readonly string[]) =>
  (at: World['at'], facts: Facts) => [
    ...[
      'config',
      'create',
      '--name',
      name,
      '--client-id',
      facts.apps[app],
      '--tenant-id',
      facts.tenant,
    ],
    ...['--authority', facts.origin, ...more(at)],
  ];

const CMD = 'C:\\windows\\system32\\cmd.exe';
const isWindows = (at: World['at']) => at('.').includes('\\');

/** A command, as JSON, that prints the secret. */
const printing = (at: World['at']) =>
  JSON.stringify([...(isWindows(at) ? [CMD, '/c', 'type'] : ['/bin/cat']), at('../secret.txt')]);

/** A command that prints a variable, with a mark behind it. */
const showing = (at: World['at'], name: string) =>
  isWindows(at)
    ? [CMD, '/c', `echo %${name}%;`]
    : ['/bin/sh', '-c', `printf '%s;\\r\\n' "$${name}"`];

const ending = (at: World['at']) =>
  isWindows(at) ? [CMD, '/c', 'exit 42'] : ['/bin/sh', '-c', 'exit 42'];

/** Names of an object's members: their values are chance. */
const keys = (out: string) => Object.keys(JSON.parse(out));

const MAKING: readonly Row[] = [
  { name: 'no profiles yet', args: just('config', 'list') },
  { name: 'a token without any profile', args: just('get-token'), code: 3 },
  { name: 'where the profiles are', args: just('config', 'path') },
  {
    name: 'a profile with a secret from stdin',
    args: create('app', 'secret', (at) => ['--ca-file', at('ca.pem'), '--client-secret-stdin']),
    input: SECRET,
  },
  {
    name: 'a profile with a secret in UTF-16, as PowerShell writes it, and no authority of its own',
    args: create('sixteen', 'secret', (at) => ['--client-secret-file', at('secret-16.txt')]),
  },
  {
    name: 'a profile with an imported PFX',
    args: create('pfx', 'certified', (at) => [
      ...['--ca-file', at('ca.pem'), '--certificate', at('good.pfx')],
      ...['--import-certificate', '--certificate-password-stdin'],
    ]),
    input: PFX_PASSWORD,
  },
  {
    name: 'a profile whose PEM file is read at each use',
    args: create('pem', 'certified', (at) => [
      ...['--ca-file', at('ca.pem'), '--certificate', at('good.pem')],
    ]),
  },
  {
    name: 'a name that is taken',
    args: create('APP', 'secret', () => []),
    code: 2,
  },
  { name: 'the list', args: just('config', 'list') },
  { name: 'the list as JSON', args: just('config', 'list', '--json') },
  { name: 'one of them', args: just('config', 'show', '-p', 'pfx') },
  { name: 'one as JSON', args: just('config', 'show', '-p', 'pem', '--json') },
  { name: 'where its values come from', args: just('config', 'show', '-p', 'app', '--effective') },
  {
    name: 'a new scope',
    args: just('config', 'edit', '-p', 'pem', '--scope', 'api://orders/.default'),
  },
  { name: 'another name', args: just('config', 'rename', 'pem', 'orders') },
  { name: 'the default', args: just('config', 'default', 'app') },
  { name: 'what ends when', args: just('config', 'check', '--all') },
];

const TOKENS: readonly Row[] = [
  { name: 'a new token', args: just(...GET, 'app'), requests: 1 },
  { name: 'the same from the cache', args: just(...GET, 'app') },
  {
    name: 'the cached one as JSON',
    args: just('get-token', '--json'),
    view: keys,
  },
  { name: 'the cached one as a header', args: just('get-token', '--format', 'header') },
  {
    name: 'the cached one for curl, in a file',
    args: (at) => ['get-token', '--format', 'curl', '-o', at('curl.txt')],
    writes: 'curl.txt',
  },
  {
    name: 'the cached one in a file',
    args: (at) => ['get-token', '-o', at('token.txt')],
    writes: 'token.txt',
  },
  {
    name: 'the same once more, over that file',
    args: (at) => ['get-token', '-p', 'app', '-o', at('token.txt'), '--json'],
    writes: 'token.txt',
  },
  {
    name: 'a token by the secret in UTF-16, with an authority from the environment',
    args: just(...GET, 'sixteen'),
    // Bun for Windows cannot open a file whose path has letters that are not in the code page
    env: (at) => ({ NODE_EXTRA_CA_CERTS: at('../ca.pem') }),
    requests: 1,
  },
  { name: 'a token by the PFX', args: just(...GET, 'pfx'), requests: 1 },
  { name: 'a token by the PEM file', args: just(...GET, 'orders'), requests: 1 },
  { name: 'a forced one', args: just('refresh', '-p', 'app'), requests: 1 },
  {
    name: 'a secret from the environment, which is wrong',
    args: just(...GET, 'app', '--force-refresh'),
    env: () => ({ TOKENCLI_CLIENT_SECRET: 'wrong' }),
    requests: 1,
    code: 4,
  },
  {
    name: 'a profile whose secret stays in a file',
    args: create('by-file', 'secret', (at) => [
      ...['--ca-file', at('ca.pem'), '--client-secret-from', `file:${at('secret-16.txt')}`],
    ]),
  },
  { name: 'a token by that file', args: just(...GET, 'by-file'), requests: 1 },
  {
    name: 'a profile whose secret a command prints',
    args: create('by-command', 'secret', (at) => [
      ...['--ca-file', at('ca.pem'), '--client-secret-from', `command:${printing(at)}`],
    ]),
  },
  { name: 'a token by that command', args: just(...GET, 'by-command'), requests: 1 },
  { name: 'a profile that is not there', args: just(...GET, 'ap'), code: 3 },
  { name: 'a scope that cannot be', args: just(...GET, 'app', '-s', 'User.Read'), code: 2 },
  { name: 'a server that nobody trusts', args: just(...GET, 'sixteen', '--no-cache'), code: 8 },
  {
    name: 'a wrong key of the store',
    args: just(...GET, 'app'),
    env: () => ({ TOKENCLI_STORE_KEY: Buffer.alloc(32, 8).toString('base64') }),
    code: 7,
  },
  { name: 'a folder as target', args: (at) => [...GET, 'app', '-o', at('.')], code: 10 },
  {
    name: 'no folder for the target',
    args: (at) => [...GET, 'app', '-o', at('no/token')],
    code: 10,
  },
  {
    name: 'a target in the home',
    args: (at) => [...GET, 'app', '-o', at('.tokencli/x')],
    code: 10,
  },
  {
    name: 'a program that gets the token in a variable',
    args: (at) => ['exec', '-p', 'app', '--env', 'TOKEN', '--', ...showing(at, 'TOKEN')],
  },
  {
    name: 'a program that ends with a number of its own',
    args: (at) => ['exec', '-p', 'app', '--', ...ending(at)],
    code: 42,
  },
  { name: 'no tokens any more', args: just('logout', '-p', 'app') },
  { name: 'another new token', args: just(...GET, 'app'), requests: 1 },
  {
    name: 'a profile of variables alone, with a certificate in one of them',
    args: just(...GET, '@env'),
    env: (at, { apps, tenant, origin, certificate }) => ({
      AZURE_CLIENT_ID: apps.certified,
      AZURE_TENANT_ID: tenant,
      AZURE_AUTHORITY_HOST: origin,
      TOKENCLI_CLIENT_CERTIFICATE: certificate,
      NODE_EXTRA_CA_CERTS: at('../ca.pem'),
    }),
    requests: 1,
  },
];

const READING: readonly Row[] = [
  { name: 'claims from a file', args: (at) => ['inspect', '-f', at('ended.txt')] },
  { name: 'claims from UTF-16', args: (at) => ['inspect', '-f', at('ended-16.txt'), '--full'] },
  { name: 'one claim', args: (at) => ['inspect', '-f', at('ended.txt'), '--claim', 'name'] },
  { name: 'claims in words', args: (at) => ['inspect', '-f', at('ended.txt'), '--explain'] },
  { name: 'an ended token', args: (at) => ['discover', '-f', at('ended.txt'), '--json'], code: 6 },
  { name: 'a good token', args: (at) => ['discover', '-f', at('good.txt')] },
  { name: 'no token', args: just('inspect'), input: 'no token\r\n', code: 9 },
  { name: 'a missing file', args: (at) => ['discover', '-f', at('missing.txt')], code: 9 },
];

const CARRYING: readonly Row[] = [
  {
    name: 'an export in plain JSON',
    args: (at) => ['config', 'export', '--all', '--plain', '-o', at('plain.json')],
    writes: 'plain.json',
  },
  {
    name: 'an export with secrets',
    args: (at) => [
      ...['config', 'export', '-p', 'app', '-o', at('kept.age'), '--include-secrets'],
      '--passphrase-stdin',
    ],
    input: PASSPHRASE,
  },
  { name: 'a deletion', args: just('config', 'delete', '-p', 'app', '--force') },
  {
    name: 'an import that only tells',
    args: (at) => ['config', 'import', '-f', at('kept.age'), '--passphrase-stdin', '--dry-run'],
    input: PASSPHRASE,
  },
  {
    name: 'an import',
    args: (at) => ['config', 'import', '-f', at('kept.age'), '--passphrase-stdin', '--yes'],
    input: PASSPHRASE,
  },
  {
    name: 'an import of a file of variables with line ends of Windows',
    args: (at) => [
      ...['config', 'import', '--from', 'dotenv', '-f', at('app.env'), '--yes'],
      ...['--on-conflict', 'rename'],
    ],
  },
  { name: 'a token by the carried secret', args: just(...GET, 'app'), requests: 1 },
  {
    name: 'a new certificate',
    args: (at) => ['cert', 'create', '-p', 'pfx', '--cer', at('new.cer')],
    view: keys,
  },
  { name: 'a certificate', args: just('cert', 'show', '-p', 'orders') },
];

const AROUND: readonly Row[] = [
  { name: 'its version', args: just('--version') },
  { name: 'its help', args: just('--help') },
  { name: 'help for a command', args: just('get-token', '--help') },
  { name: 'exit codes', args: just('help', 'exit-codes') },
  { name: 'short names of resources', args: just('help', 'resources') },
  { name: 'an unknown command', args: just('get-tokn'), code: 2 },
  { name: 'completion for PowerShell', args: just('completion', 'powershell') },
  {
    name: 'a damaged profiles.json',
    args: just('config', 'list'),
    env: (at) => ({ TOKENCLI_HOME: at('damaged') }),
    code: 9,
  },
  {
    name: 'profiles.json in UTF-16, as PowerShell writes it',
    args: just('config', 'list', '--json'),
    env: (at) => ({ TOKENCLI_HOME: at('sixteen') }),
  },
  {
    name: 'what works here',
    args: just('doctor', '-p', 'app', '--json'),
    view: (out) =>
      Object.entries(JSON.parse(out))
        .filter(([name]) => name !== 'browser')
        .map(([name, finding]) => [name, (finding as { ok: boolean }).ok]),
  },
];

export const ROWS: readonly Row[] = [...MAKING, ...TOKENS, ...READING, ...CARRYING, ...AROUND];
