import type { Random } from './random.ts';

/** What an attacker knows who knows everything but the state, and what he would like to see again. */
export interface Target {
  readonly port: number;
  readonly path: string;
  readonly state: string;
  readonly responseMode: 'query' | 'form_post';
}

export const CANARY = '<img/src=x>canary';

type Draft = {
  method: string;
  target: string;
  headers: string[];
  body: string;
};
type Fault = (draft: Draft, target: Target, random: Random) => void;

/** The one request that is right, with something that makes it wrong. */
export function hostileRequest(target: Target, random: Random): Buffer {
  const faults = [...COMMON, ...(target.responseMode === 'query' ? QUERY : FORM)];
  if (random(100) < 8) return Buffer.from(pick(GARBAGE, random).replaceAll('{}', CANARY), 'latin1');
  const draft = rightRequest(target);
  pick(faults, random)(draft, target, random);
  return Buffer.from(write(draft), 'latin1');
}

export function rightRequest({ port, path, state, responseMode }: Target): Draft {
  const form = `code=${encodeURIComponent(CANARY)}&state=${state}`;
  const host = `Host: localhost:${port}`;
  if (responseMode === 'query') {
    return { method: 'GET', target: `${path}?${form}`, headers: [host], body: '' };
  }
  const type = 'Content-Type: application/x-www-form-urlencoded';
  return { method: 'POST', target: path, headers: [host, type], body: form };
}

export function write({ method, target, headers, body }: Draft): string {
  const length =
    body && !headers.some((line) => /^(content-length|transfer-encoding)/i.test(line))
      ? [`Content-Length: ${body.length}`]
      : [];
  return `${[`${method} ${target} HTTP/1.1`, ...headers, ...length].join('\r\n')}\r\n\r\n${body}`;
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[random(list.length)] as T;
}

function setHost(draft: Draft, ...hosts: string[]): void {
  draft.headers = [
    ...draft.headers.filter((line) => !line.startsWith('Host:')),
    ...hosts.map((host) => `Host: ${host}`),
  ];
}

const PATHS = [
  '/favicon.ico',
  '//',
  '/./',
  '/%2e',
  '/.well-known/appspecific/com.chrome.devtools.json',
  `/${CANARY}`,
  '/../../etc/passwd',
  '*',
];
const METHODS = ['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'CONNECT', 'PROPFIND'];
const BAD_METHODS = ['BREW', 'get', CANARY];

export const COMMON: readonly Fault[] = [
  (draft, { path }, random) => {
    draft.target = draft.target.replace(path, () => `${path}${pick(PATHS, random)}`);
  },
  (draft, { path }, random) => {
    draft.target = draft.target.replace(path, () => `/x${pick(PATHS, random)}`);
  },
  (draft, _target, random) => {
    draft.method = pick([...METHODS, ...BAD_METHODS], random);
  },
  (draft, { port }, random) => {
    setHost(
      draft,
      pick(
        [
          'evil.example',
          `evil.example:${port}`,
          'localhost',
          `localhost:${port + 1}`,
          `localhost.:${port}`,
          `localhost:${port}.evil.example`,
          `evil@localhost:${port}`,
          `127.0.0.1:${port}`,
          `[::1]:${port}`,
          `0.0.0.0:${port}`,
          CANARY,
          '',
        ],
        random,
      ),
    );
  },
  (draft, { port }) => setHost(draft, `localhost:${port}`, `localhost:${port}`),
  (draft, { port }) => setHost(draft, `localhost:${port}`, 'evil.example'),
  (draft) => setHost(draft),
  (draft, { port }, random) => {
    draft.target = `http://${pick(['localhost', 'evil.example'], random)}:${port}${draft.target}`;
  },
  (draft, _target, random) => {
    draft.headers.push(`X-Big: ${'h'.repeat(66_000 + random(100_000))}`);
  },
  (draft, _target, random) => {
    const line = `X-${CANARY.replace(/\W/g, '')}: ${CANARY}`;
    draft.headers.push(...new Array(2500 + random(1000)).fill(line));
  },
  (draft) => {
    draft.headers.push('Transfer-Encoding: chunked');
    draft.body = `5\r\nstate\r\n0\r\n\r\n`;
  },
  (draft) => {
    draft.headers.push('Transfer-Encoding: chunked', 'Content-Length: 4');
    draft.body = '0\r\n\r\n';
  },
  (draft) => {
    draft.headers.push('Expect: 100-continue');
  },
  (draft) => {
    draft.headers.push('Expect: the unexpected');
  },
  (draft) => {
    draft.headers.push(`Broken ${CANARY}`);
  },
  (draft) => {
    draft.headers.push('Content-Type: application/json');
    draft.method = 'POST';
    draft.body = JSON.stringify({ code: CANARY, state: 'x' });
  },
];

/** Faults of the parameters, wherever they stand. */
const PARAMETERS: readonly ((form: string, state: string, random: Random) => string)[] = [
  (form) => form.replace(/&state=.*/, ''),
  (form, state) => `${form}&state=${state}`,
  (form) => `${form}&state=`,
  (form) => `${form}&code=another`,
  (form, state) => form.replace(state, ''),
  (form, state) => form.replace(state, () => CANARY),
  (form, state) => form.replace(state, state.slice(0, -1)),
  (form, state) => `${form.replace(state, state)}x`,
  (form, state) => form.replace(state, state.toUpperCase()),
  (form, state) => form.replace(`state=${state}`, `state[]=${state}`),
  (form, state) => form.replace(`state=${state}`, `State=${state}`),
  (form, state) => form.replace(`state=${state}`, `state%00=${state}`),
  (form, state, random) => form.replace(state, state.repeat(2 + random(20_000 / state.length))),
  (form, state) => `${form.replace(state, '')}&error=${encodeURIComponent(CANARY)}`,
  (form, state) => form.replace('&', ';').replace(state, state),
];

const QUERY: readonly Fault[] = [
  ...PARAMETERS.map((spoil): Fault => {
    return (draft, { path, state }, random) => {
      draft.target = `${path}?${spoil(draft.target.slice(path.length + 1), state, random)}`;
    };
  }),
  (draft) => {
    draft.body = 'x=1';
  },
  (draft, { path }) => {
    draft.method = 'POST';
    draft.body = draft.target.slice(path.length + 1);
    draft.target = path;
    draft.headers.push('Content-Type: application/x-www-form-urlencoded');
  },
];

const FORM: readonly Fault[] = [
  ...PARAMETERS.map((spoil): Fault => {
    return (draft, { state }, random) => {
      draft.body = spoil(draft.body, state, random);
    };
  }),
  (draft, { path }) => {
    draft.method = 'GET';
    draft.target = `${path}?${draft.body}`;
    draft.body = '';
  },
  (draft) => {
    draft.target += '?';
  },
  (draft, _target, random) => {
    draft.headers = draft.headers.filter((line) => !line.startsWith('Content-Type'));
    const types = ['text/plain', 'multipart/form-data; boundary=x', `${CANARY}/x`, 'application/x'];
    draft.headers.push(`Content-Type: ${pick(types, random)}`);
  },
  (draft) => {
    draft.body += `&more=${'b'.repeat(66_000)}`;
  },
  (draft, _target, random) => {
    const lengths = ['-1', '1e9', '99999999999999999999', CANARY, '0x10', '66000'];
    draft.headers.push(`Content-Length: ${pick(lengths, random)}`);
  },
];

export const GARBAGE: readonly string[] = [
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03{}',
  'GET / HTTP/9.9\r\n\r\n',
  '\0\0\0\0\r\n\r\n',
  '{}\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: {}\r\n\r\nGET /{} HTTP/1.1\r\nHost: {}\r\n\r\n'.repeat(50),
  'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nHost: {}\r\n\r\n{}',
  'GET /\r\n{}: HTTP/1.1\r\n\r\n',
];
