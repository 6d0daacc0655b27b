// The man pages, in mdoc(7), from the declarations that --help is made of.
import { readFileSync } from 'node:fs';
import { loadTypeScript } from './load-typescript.mjs';

/** For tokencli(1). */
const ENVIRONMENT = {
  TOKENCLI_PROFILE: 'the profile, if no option names one',
  'TOKENCLI_CLIENT_ID , TOKENCLI_TENANT_ID': "instead of the profile's",
  TOKENCLI_CLIENT_SECRET: 'the client secret, instead of the stored one',
  TOKENCLI_CLIENT_CERTIFICATE: "a certificate with its key, instead of the profile's",
  TOKENCLI_CLIENT_CERTIFICATE_PATH: 'a PFX or PEM file that holds one',
  TOKENCLI_CLIENT_CERTIFICATE_PASSWORD: 'the password of either',
  TOKENCLI_FEDERATED_TOKEN_FILE: 'a file with a federated token, which proves the application',
  'AZURE_CLIENT_ID , AZURE_TENANT_ID , AZURE_CLIENT_SECRET , ...':
    'the same as for the Azure SDKs, after those above, for the authorities of Microsoft only',
  TOKENCLI_STORE: 'where secrets are kept: keyring or file',
  TOKENCLI_STORE_KEY: '32 random bytes in base64, which open the sealed file',
  TOKENCLI_STORE_KEY_FILE: 'a file that holds them',
  TOKENCLI_HOME: 'the folder to use instead of ~/.tokencli',
  TOKENCLI_EXEC: 'set by tokencli for the program that it runs: the name of the profile',
  'HTTPS_PROXY , NO_PROXY': 'the way to the network',
  NODE_EXTRA_CA_CERTS: 'a PEM file of further certificate authorities',
  NO_COLOR: 'no colour',
  CI: 'never ask anything',
};

const FILES = {
  '~/.tokencli/profiles.json': 'the profiles; no secret is in it',
  '~/.tokencli/': 'the sealed token caches and, where there is no keyring, the sealed secrets',
};

/** When the newest version in CHANGELOG.md was released; SOURCE_DATE_EPOCH has the last word. */
export function releaseDate() {
  const seconds = process.env.SOURCE_DATE_EPOCH;
  if (seconds) return new Date(Number(seconds) * 1000);
  const [, day] = /^## \[\d.*\] - (\S+)$/m.exec(readFileSync('CHANGELOG.md', 'utf8'));
  return new Date(`${day}T00:00:00Z`);
}

/** All pages: the text by the name of the file. */
export async function manPages() {
  const source = await loadTypeScript(
    `export * from './src/commands/index.ts'; export * from './src/commands/command.ts';
    export { EXIT_CODES } from './src/core/errors.ts';`,
    '.',
    'man',
  );
  const date = releaseDate().toLocaleDateString('en', { dateStyle: 'long', timeZone: 'UTC' });
  const { name, description } = JSON.parse(readFileSync('package.json', 'utf8'));
  const root = { name, describe: lower(description), children: source.COMMANDS };
  return Object.fromEntries(
    pagesBelow(root, []).map(({ entry, path }) => [
      `${path.join('-')}.1`,
      `.Dd ${date}\n.Dt ${path.join('-').toUpperCase()} 1\n.Os\n${page(entry, path, source)}`,
    ]),
  );
}

function pagesBelow(entry, above) {
  const path = [...above, entry.name];
  return [{ entry, path }, ...(entry.children ?? []).flatMap((child) => pagesBelow(child, path))];
}

function page(entry, path, { GLOBAL_OPTIONS, HELP_OPTIONS, EXIT_CODES }) {
  const isRoot = path.length === 1;
  const places = Object.entries(entry.positionals ?? {});
  const related = isRoot ? entry.children.map(({ name }) => [...path, name]) : [path.slice(0, -1)];
  const seeAlso = related.map((to) => `.${pageName(to)}`);
  return [
    `.Sh NAME\n.Nm ${path.join('-')}`,
    `.Nd ${plain(entry.describe)}\n.Sh SYNOPSIS\n.Nm ${path.join(' ')}`,
    entry.children ? '.Ar command' : '.Op Ar option ...',
    ...places.map(([name, { required }]) => `${required ? '.Ar' : '.Op Ar'} ${name}`),
    entry.program ? '.Fl - Ar program Op Ar argument ...' : '',
    section('DESCRIPTION', `${sentence(entry.describe)}\n`),
    section('COMMANDS', childList(entry.children ?? [], path)),
    section('ARGUMENTS', list(places.map(([name, place]) => [`Ar ${name}`, ...about(place)]))),
    section('OPTIONS', optionList(entry.options ?? {})),
    section('OPTIONS OF EVERY COMMAND', optionList({ ...GLOBAL_OPTIONS, ...HELP_OPTIONS })),
    ...(isRoot ? rootSections(EXIT_CODES) : []),
    section('EXAMPLES', (entry.examples ?? []).map(example).join('.Pp\n')),
    section('SEE ALSO', seeAlso.sort().join(' ,\n')),
  ]
    .filter((part) => part !== '')
    .map((part) => part.replace(/\n*$/, '\n'))
    .join('');
}

function rootSections(codes) {
  return [
    section('ENVIRONMENT', list(Object.entries(ENVIRONMENT).map((row) => term('Ev', row)))),
    section('FILES', list(Object.entries(FILES).map((row) => term('Pa', row)))),
    section(
      'EXIT STATUS',
      list(Object.values(codes).map(({ code, when }) => [String(code), sentence(when)])),
    ),
  ];
}

/** Not by Xr: mandoc complains of that where the page is not installed. */
const pageName = (path) => `Nm ${path.join('-')} Ns (1)`;

const term = (macro, [name, text]) => [`${macro} ${plain(name)}`, sentence(text)];

const section = (title, body) => (body === '' ? '' : `.Sh ${title}\n${body}`);

const childList = (children, path) =>
  list(children.map((each) => [pageName([...path, each.name]), sentence(each.describe)]));

function optionList(options) {
  const rows = Object.entries(options).map(([name, option]) => {
    const names = [option.alias ?? [], name].flat().sort((a, b) => a.length - b.length);
    const flags = names.map((each) => `Fl ${each.length > 1 ? `-${each}` : each}`).join(' , ');
    const value = option.type === 'boolean' ? '' : ` Ar ${valueName(option)}`;
    return [flags + value.repeat(option.words ?? 1), ...about(option)];
  });
  return list(rows);
}

function valueName({ completes }) {
  return { files: 'file', profiles: 'profile' }[completes] ?? 'value';
}

function about({ type, describe, choices }) {
  const more = [
    choices && `One of: ${choices.join(', ')}.`,
    type === 'array' && !/repeat/.test(describe) && 'May be repeated.',
  ];
  return [sentence(describe), ...more.filter(Boolean).map(prose)];
}

const list = (rows) =>
  rows.length === 0
    ? ''
    : `.Bl -tag -width Ds\n${rows.map(([tag, ...text]) => `.It ${tag}\n${text.join('\n')}\n`).join('')}.El`;

const example = ([line, what]) =>
  `${sentence(what, ':')}\n.Bd -literal -offset indent\n${plain(line)}\n.Ed\n`;

/** A phrase of the help as a sentence of a page. */
function sentence(phrase, end = '.') {
  const start = phrase.replace(/^(?!tokencli)[a-z]+(?=[ ,:;]|$)/, capitalize);
  return prose(/[.!?]$/.test(start) ? start : start + end);
}

const capitalize = (word) => word[0].toUpperCase() + word.slice(1);

const lower = (text) => text[0].toLowerCase() + text.slice(1);

/** Each sentence begins a line, and no line is longer than 80 bytes: mandoc holds pages to both. */
function prose(text) {
  return text
    .split(/(?<=[.!?]) +(?=[A-Z])/)
    .flatMap((each) => plain(each).match(/\S.{0,76}\S(?=\s|$)|\S+/g))
    .map(atLineStart)
    .join('\n');
}

/** roff gives these characters a meaning of their own. */
function plain(text) {
  const signs = { '\\': '\\e', '-': '\\-', "'": '\\(aq', '`': '\\(ga', '^': '\\(ha', '~': '\\(ti' };
  return atLineStart(text.replace(/[\\\-'`^~]/g, (sign) => signs[sign]));
}

const atLineStart = (text) => text.replace(/^\./, '\\&.');
