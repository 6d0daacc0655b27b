import fc from 'fast-check';
import type { Behaviour } from '../fake-idp.ts';
import { CHANGE_NAMES, type Change } from './changes.ts';
import { OTHER_KEY, PROFILES, STORE_KEY } from './world.ts';

/** A command line, what is around it, and what the identity provider answers if it is asked. */
export interface Case {
  readonly argv: readonly string[];
  /** `{home}` and `{keys}` stand for folders of the world; undefined unsets. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly changes: readonly Change[];
  readonly answer: keyof typeof ANSWERS;
}

const GRAPH = 'https://graph.microsoft.com/.default';
const TOKEN = { token_type: 'Bearer', expires_in: 3600, access_token: 'a.new.token' };
const json = (status: number, body: object): Behaviour => ({ status, body });

/** None of them is asked for twice: a pause before that costs more than all the rest. */
export const ANSWERS = {
  token: json(200, TOKEN),
  'a short token': json(200, { ...TOKEN, expires_in: 60 }),
  'a token with a refresh token': json(200, { ...TOKEN, refresh_token: 'rt.new' }),
  'no token': json(200, {}),
  'a refusal': json(401, {
    error: 'invalid_client',
    error_description: 'AADSTS7000215: Invalid client secret provided.',
    error_codes: [7000215],
  }),
  'an end of the sign-in': json(400, {
    error: 'invalid_grant',
    error_description: 'AADSTS70043: The refresh token has expired.',
    error_codes: [70043],
  }),
  'a captive portal': { redirect: 'https://portal.example/', status: 302 },
} satisfies Record<string, Behaviour>;

/** Names that are one, that nearly are, and that are something else to somebody. */
const NAMES = [
  ...[
    'APP',
    'App',
    'web.app_1-X',
    'TRUE',
    'none',
    'ap',
    'app2',
    '',
    ' ',
    'app ',
    ' app',
    '-',
    '--',
  ],
  ...[
    '-x',
    '--silent',
    '-p',
    'app=',
    '=app',
    '../app',
    './app',
    'app.tokens',
    'app/',
    'key',
    '.app',
  ],
  ...['constructor', '__proto__', 'toString', 'false', 'null', '0', '1e3', '0x10', 'a'.repeat(64)],
  ...['a'.repeat(65), 'ａｐｐ', 'app\u0301', 'аpp', 'app\n', 'app\r\n', 'a\tb', '\u001b[31mapp'],
  ...['\u202eppa', '\u200bapp', '\u{1f511}', "'app'", '"app"', '$HOME', 'app,true', '*', '\u007f'],
];

const WORDS = [
  ...[['--silent'], ['--silent'], ['--silent'], ['-p', 'app'], ['--profile=app'], ['-p', 'me']],
  ...[['-p'], ['--profile'], ['-papp'], ['-p=app'], ['--profile='], ['-p='], ['--prof', 'app']],
  ...[['-P', 'app'], ['--PROFILE', 'app'], ['--Profile=app'], ['---profile', 'app']],
  ...[['--silent=true'], ['--silent=false'], ['--silent='], ['--silent', 'true'], ['--no-silent']],
  ...[['--silent', 'false'], ['--Silent'], ['-silent'], ['-s'], ['-s', GRAPH], ['-sp', 'app']],
  ...[['--json'], ['--json'], ['--json=true'], ['--verbose'], ['--debug'], ['--no-color']],
  ...[['--min-ttl', '10m'], ['--min-ttl=1h'], ['--min-ttl', '300s'], ['--min-ttl', '0s']],
  ...[['--min-ttl', '5m'], ['--min-ttl', '-5m'], ['--min-ttl', 'x'], ['--min-ttl=']],
  ...[['--resource', 'https://vault.azure.net'], ['--resource', 'api://thing'], ['--resource=']],
  ...[
    ['--scope', GRAPH],
    ['--scope', 'api://thing/read'],
    ['--scope', 'a', '--scope', 'b'],
  ],
  ...[
    ['--tenant', 'contoso.example'],
    ['--tenant', 'no tenant'],
    ['--client-id', 'else'],
  ],
  ...[['--flow', 'ClientCredentials'], ['--flow=device-code'], ['-f', 'none']],
  ...[['--force-refresh'], ['--no-cache'], ['--claims', '{"a":1}'], ['--claims', 'x']],
  ...[['--login-hint', 'me@contoso.example'], ['--prompt', 'login'], ['--prompt=none']],
  ...[['--no-browser'], ['--port', '1'], ['--timeout', '50s'], ['--timeout', '0s']],
  ...[['-o', 'token.txt'], ['--output=token.txt'], ['-o', '-'], ['-o', '/dev/null'], ['-o', '']],
  ...[['--unknown'], ['--'], ['--', '--silent'], ['extra'], ['true'], [''], ['-'], ['-h']],
  ...[['--help'], ['--version'], ['get-token'], ['__proto__'], ['--__proto__', 'x'], ['é']],
];

/** What is known by heart, and what only looks like it. */
const TEXTS = [
  ...[['--version'], ['--help'], ['get-token', '--help'], ['config', '--help'], ['help', '--help']],
  ...[
    ['config', 'create', '--help'],
    ['config', 'show', '--help'],
    ['cert', '--help'],
  ],
  ...[
    ['help', 'exit-codes', '--help'],
    ['config create', '--help'],
    ['config', 'none', '--help'],
  ],
  ...[
    ['none', '--help'],
    ['constructor', '--help'],
    ['', '--help'],
    ['--version', '--help'],
  ],
  ...[
    ['--help', '--version'],
    ['--help', '--help'],
    ['-h'],
    ['-p', '--help'],
    ['--help', '--json'],
  ],
  ...[['get-token', '--version'], ['--version=1'], ['--no-version'], [], [''], ['--'], ['-v']],
  ...[['help'], ['help', 'get-token'], ['help', 'exit-codes'], ['get-token'], ['GET-TOKEN']],
  ...[
    ['get-tokens', '-p', 'app', '--silent'],
    ['-p', 'app', '--silent', 'get-token'],
  ],
  ...[
    ['--silent', 'get-token', '-p', 'app'],
    ['config', 'list'],
    ['config', 'list', '--json'],
  ],
];

const FAMILY = [
  'CLIENT_ID',
  'TENANT_ID',
  'CLIENT_SECRET',
  'CLIENT_CERTIFICATE_PATH',
  'CLIENT_CERTIFICATE_PASSWORD',
];
const HOME = '{home}/.tokencli';

const VARIABLES: readonly Case['env'][] = [
  ...['TOKENCLI', 'AZURE'].flatMap((family) =>
    FAMILY.flatMap((name) =>
      ['', 'other.example'].map((value) => ({ [`${family}_${name}`]: value })),
    ),
  ),
  { TOKENCLI_CLIENT_CERTIFICATE_PATH: '{home}/certificate.pem' },
  { AZURE_TENANT_ID: 'common' },
  ...['', '0', '1'].map((value) => ({ NODE_TLS_REJECT_UNAUTHORIZED: value })),
  ...[...PROFILES, ...NAMES.slice(0, 9)].map((name) => ({ TOKENCLI_PROFILE: name })),
  ...[HOME, `${HOME}/`, '../home/.tokencli', '', '{keys}', 'nowhere', '/dev/null', '~'].map(
    (home) => ({ TOKENCLI_HOME: home }),
  ),
  // where HOME says nothing, the home of whoever runs the tests would be looked into
  ...['', undefined, '{home}/', '{home}/.', '/nowhere', '../home'].map((home) => ({
    HOME: home,
    TOKENCLI_HOME: HOME,
  })),
  ...['{home}/', '/nowhere', '../home', '{keys}'].map((home) => ({ HOME: home })),
  ...['', 'file', 'File', 'files', 'keyring'].map((store) => ({ TOKENCLI_STORE: store })),
  ...['', OTHER_KEY, 'short', `${STORE_KEY}\n`, ` ${STORE_KEY}`, STORE_KEY.slice(0, -1)].map(
    (key) => ({ TOKENCLI_STORE_KEY: key }),
  ),
  ...['key', 'key', 'key-for-all', 'key-with-line', 'other-key', 'no-key', 'none', ''].flatMap(
    (name) =>
      ['', undefined].map((key) => ({
        TOKENCLI_STORE_KEY: key,
        TOKENCLI_STORE_KEY_FILE: name && `{keys}/${name}`,
      })),
  ),
  { TOKENCLI_STORE_KEY_FILE: '{keys}/other-key' },
  { TOKENCLI_STORE_KEY_FILE: '../keys/key', TOKENCLI_STORE_KEY: '' },
  { TOKENCLI_STORE_KEY_FILE: '{keys}', TOKENCLI_STORE_KEY: '' },
  ...[{ CI: 'true' }, { NO_COLOR: '1' }, { TERM: 'dumb' }, { LANG: 'C' }, { NODE_ENV: 'x' }],
  ...[{ https_proxy: 'nonsense' }, { https_proxy: '' }, { TOKENCLI_DEBUG: '1' }, { DEBUG: '*' }],
];

/** Around every limit there is, and on it. */
const LIMITS = [0, 60, 300, 600, 3600];
const EXACTLY = LIMITS.flatMap((limit) => [-1, -0.001, 0, 0.001, 1].map((more) => limit + more));
const ROUGHLY = LIMITS.flatMap((limit) => [limit - 20, limit + 20]);

// with the u flag a surrogate only matches where its other half is missing
const HALF_CHARACTER = /[\ud800-\udfff]/u;

/** Whatever an argument can be: no NUL, and whole characters. */
const ANY_TEXT = fc
  .oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.string({ maxLength: 6 }))
  .filter((text) => !text.includes('\0') && !HALF_CHARACTER.test(text));

/**
 * @param exact lives of tokens end on a limit and a millisecond beside it, which only a clock that
 *   stands still can tell from each other
 */
export function anyCase(exact: boolean): fc.Arbitrary<Case> {
  const profile = fc.oneof(
    { weight: 3, arbitrary: fc.constant('app' as const) },
    { weight: 5, arbitrary: fc.constantFrom(...PROFILES) },
  );
  const cases = new Map(PROFILES.map((name) => [name, caseAbout(name, exact)] as const));
  return profile.chain((called) => cases.get(called) ?? caseAbout(called, exact));
}

function caseAbout(called: string, exact: boolean): fc.Arbitrary<Case> {
  const seconds = fc.constantFrom(...(exact ? EXACTLY : ROUGHLY), -7200, 90_000, 1e9);
  const profile = fc.oneof(
    { weight: 4, arbitrary: fc.constant(called) },
    { weight: 1, arbitrary: fc.constantFrom(...PROFILES) },
  );
  const change: fc.Arbitrary<Change> = fc.record({
    what: fc.constantFrom(...CHANGE_NAMES),
    profile,
    at: fc.oneof(fc.nat(20), fc.nat(5000)),
    seconds,
  });
  const variables = fc
    .array(fc.constantFrom(...VARIABLES), { minLength: 1, maxLength: 2 })
    .map((parts) => Object.assign({}, ...parts) as Case['env']);
  const line = fc.oneof(
    { weight: 14, arbitrary: plainLine(called).map((argv) => ({ argv, env: {} })) },
    { weight: 1, arbitrary: lineWithoutName(profile) },
    { weight: 3, arbitrary: lineOfWords(called).map((argv) => ({ argv, env: {} })) },
    { weight: 1, arbitrary: fc.constantFrom(...TEXTS).map((argv) => ({ argv, env: {} })) },
  );
  return fc
    .record({
      line,
      env: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 2, arbitrary: variables }),
      changes: fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        { weight: 4, arbitrary: fc.array(change, { minLength: 1, maxLength: 1 }) },
        { weight: 1, arbitrary: fc.array(change, { minLength: 2, maxLength: 4 }) },
      ),
      answer: fc.constantFrom(...(Object.keys(ANSWERS) as Case['answer'][])),
    })
    .map(({ line: { argv, env }, ...rest }) => ({ ...rest, argv, env: { ...env, ...rest.env } }));
}

/** As scripts write it, in every order and spelling; and now and then with an odd name. */
function plainLine(called: string): fc.Arbitrary<string[]> {
  const name = fc.oneof(
    { weight: 15, arbitrary: fc.constant(called) },
    { weight: 1, arbitrary: fc.constantFrom(...NAMES) },
    { weight: 1, arbitrary: ANY_TEXT },
  );
  const silent = fc.constantFrom<string[][]>(
    ...Array(12).fill([['--silent']]),
    ...[[], [['--silent'], ['--silent']], [['--silent'], ['-p', called]]],
  );
  return fc
    .tuple(name, fc.constantFrom('-p', '--profile', '--profile='), silent)
    .map(([value, option, more]) => [
      option.endsWith('=') ? [option + value] : [option, value],
      ...more,
    ])
    .chain((parts) => fc.shuffledSubarray(parts, { minLength: parts.length }))
    .map((parts) => ['get-token', ...parts.flat()]);
}

function lineWithoutName(profile: fc.Arbitrary<string>): fc.Arbitrary<Pick<Case, 'argv' | 'env'>> {
  const argv = ['get-token', '--silent'];
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant({ argv, env: {} }) },
    { weight: 3, arbitrary: profile.map((name) => ({ argv, env: { TOKENCLI_PROFILE: name } })) },
  );
}

/** Anything goes, doubled too. */
function lineOfWords(called: string): fc.Arbitrary<string[]> {
  const group = fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(...WORDS) },
    { weight: 3, arbitrary: fc.constant(['-p', called]) },
    { weight: 1, arbitrary: ANY_TEXT.map((text) => [text]) },
    { weight: 1, arbitrary: ANY_TEXT.map((text) => ['--login-hint', text]) },
  );
  return fc.array(group, { maxLength: 5 }).map((groups) => ['get-token', ...groups.flat()]);
}
