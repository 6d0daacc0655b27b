import { plainKey, sessionKey } from '../../../src/tokens/lookup-key.ts';
import { asTokenRecord } from '../../../src/tokens/records.ts';
import { type Place, swapCase, type Work } from './change.ts';
import type { Draft } from './draft.ts';
import { PROFILES } from './world.ts';

const HEADERS = [
  (line: string) => line.replace('"version":1', '"version":2'),
  (line: string) => line.replace('"version":1', '"version": 1'),
  (line: string) => line.replace('"store":"file"', '"store":"keyring"'),
  (line: string) => line.replace(/"key":"\w+"/, `"key":"${'0'.repeat(32)}"`),
  (line: string) => line.replace(/"key":"(\w+)"/, (_all, id) => `"key":"${id.toUpperCase()}"`),
  (line: string) => `${line}\r`,
  (line: string) => ` ${line}`,
  (line: string) => line.slice(0, -1),
  (line: string) => line + ' '.repeat(300),
  () => '',
  () => '{}',
];
const LINES = [
  ...['', ' ', 'x', '\0', '{}', `${'0'.repeat(32)} `, `${'0'.repeat(32)} AAAA`],
  `${'0'.repeat(32)} ${'A'.repeat(40_000)}`,
];

const LONG = 'A'.repeat(200);

/** What the sealed lines say, as the command would have written it. */
export const TOKEN_CHANGES = {
  'the token has so much life': onTokens((token, { now, seconds }) => {
    token['expiresOn'] = now + seconds;
    token['obtainedOn'] = now + seconds - 3600;
  }),
  'the token ends at a whole second': onTokens((token, { now, seconds }) => {
    token['expiresOn'] = Math.floor(now) + Math.round(seconds);
    token['obtainedOn'] = Math.floor(now) - 60;
  }),
  'the token is from the future': onTokens((token, { now, seconds }) => {
    token['obtainedOn'] = now + seconds;
    token['expiresOn'] = now + seconds + 3600;
  }),
  'the token of another wording': onTokens((token) => {
    token['profileDigest'] = 'f'.repeat(64);
  }),
  'the token of an older tokencli': onTokens((token, { at }) => {
    delete token[['accessToken', 'expiresOn', 'obtainedOn', 'profileDigest'][at % 4] ?? ''];
  }),
  'only the first record': onRecords((records) => records.slice(0, 1)),
  'no first record': onRecords((records) => records.slice(1)),
  'the records in another order': onRecords((records) => records.toReversed()),
  'no plain record': onRecords((records, key) => without(records, plainKey(key))),
  'no sign-in': onRecords((records, key) => without(records, sessionKey(key))),
  'the sign-in of another client': onSession((session) => {
    session['clientId'] = 'another-client';
  }),
  'the sign-in at another place': onSession((session) => {
    session['root'] = 'https://login.example';
  }),
  'a sign-in that nothing renews': onSession((session) => {
    delete session['refreshToken'];
  }),
  'no token': onRecords((records) => records.filter(({ content }) => !asTokenRecord(content))),
  'another home': onPlain((plain) => {
    plain['userHome'] = '/elsewhere';
  }),
  'the plain record of another name': onPlain((plain, { profile }) => {
    plain['profile'] = swapCase(profile);
  }),
  'the certificate was written again': ({ draft }) => {
    draft.laterCertificate = true;
  },
} satisfies Record<string, Work>;

/** What becomes of sealed lines at the hands of somebody without the key. */
export const LINE_CHANGES = {
  'an odd header': onLines((lines, { at }) => [
    HEADERS[at % HEADERS.length]?.(lines[0] ?? '') ?? '',
    ...lines.slice(1),
  ]),
  'a line twice': onLines((lines, { at }) => insert(lines, at, lines[1 + (at % 3)] ?? '')),
  'a line less': onLines((lines, { at }) =>
    lines.filter((_, index) => index !== at % lines.length),
  ),
  'a strange line': onLines((lines, { at }) => insert(lines, at, LINES[at % LINES.length] ?? '')),
  'two lines have changed places': onLines(([head = '', first = '', ...rest]) => [
    ...[head, rest[0] ?? '', first, ...rest.slice(1)],
  ]),
  'two lines have changed names': onLines(([head = '', first = '', second = '', ...rest]) => [
    head,
    second.slice(0, 32) + first.slice(32),
    first.slice(0, 32) + second.slice(32),
    ...rest,
  ]),
  'a line has the name of another': onLines(([head = '', first = '', ...rest]) => [
    ...[head, first.slice(0, 32) + (rest[0] ?? '').slice(32), ...rest],
  ]),
  'a name in capitals': onLines((lines, { at }) =>
    lines.map((line, index) =>
      index === 1 + (at % 3) ? line.slice(0, 32).toUpperCase() + line.slice(32) : line,
    ),
  ),
  'base64 in another spelling': onLines((lines, { at }) =>
    lines.map((line, index) => (index === 1 + (at % 3) ? line.replace(/=*$/, '') : line)),
  ),
  'lines that end as on Windows': onLines((lines) =>
    lines.map((line) => (line ? `${line}\r` : '')),
  ),
  'no end of the last line': onLines((lines) => lines.slice(0, -1)),
  'many lines in front': onLines(([head = '', ...lines]) => [
    head,
    ...Array.from({ length: 300 }, (_, number) => `${String(number).padStart(32, '0')} ${LONG}`),
    ...lines,
  ]),
  'lines of another profile': ({ draft, profile, at }) => {
    draft.lines.push((files) => {
      const others = files.get(otherThan(profile, at).toLowerCase()) ?? [];
      const [head = '', ...lines] = files.get(profile.toLowerCase()) ?? [];
      files.set(profile.toLowerCase(), [head, ...others.slice(1, -1), ...lines]);
    });
  },
  'the file of another profile': ({ draft, profile, at }) => {
    draft.lines.push((files) => {
      files.set(profile.toLowerCase(), files.get(otherThan(profile, at).toLowerCase()) ?? []);
    });
  },
  'two files have changed places': ({ draft, profile, at }) => {
    draft.lines.push((files) => {
      const [one, other] = [profile, otherThan(profile, at)].map((name) => name.toLowerCase());
      const lines = files.get(one ?? '') ?? [];
      files.set(one ?? '', files.get(other ?? '') ?? []);
      files.set(other ?? '', lines);
    });
  },
} satisfies Record<string, Work>;
function otherThan(profile: string, at: number): string {
  const others = PROFILES.filter((each) => each !== profile);
  return others[at % others.length] ?? '';
}

type Records = Draft['caches'][number]['records'];

function onRecords(work: (records: Records, key: Buffer) => Records): Work {
  return ({ draft, profile, world }) => {
    const cache = draft.caches.find((each) => each.profile === profile);
    if (cache) cache.records = work(cache.records, world.base.cacheKey);
  };
}

function onTokens(work: (token: Record<string, unknown>, place: Place) => void): Work {
  return (place) =>
    onRecords((records) => {
      for (const { content } of records) if (asTokenRecord(content)) work(content, place);
      return records;
    })(place);
}

function onPlain(work: (plain: Record<string, unknown>, place: Place) => void): Work {
  return (place) =>
    onRecords((records, key) => {
      for (const { name, content } of records) if (name === plainKey(key)) work(content, place);
      return records;
    })(place);
}

function onSession(work: (session: Record<string, unknown>) => void): Work {
  return onRecords((records, key) => {
    for (const { name, content } of records) if (name === sessionKey(key)) work(content);
    return records;
  });
}

function without(records: Records, name: string): Records {
  return records.filter((record) => record.name !== name);
}

function onLines(work: (lines: string[], place: Place) => string[]): Work {
  return (place) => {
    const file = place.profile.toLowerCase();
    place.draft.lines.push((files) => {
      files.set(file, work(files.get(file) ?? [], place));
    });
  };
}

/** Somewhere behind the header. */
function insert(lines: string[], at: number, line: string): string[] {
  return lines.toSpliced(1 + (at % Math.max(1, lines.length - 1)), 0, line);
}
