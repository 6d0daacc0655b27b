import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createThrottle, listWaits } from '../../src/tokens/throttle.ts';

const TOKEN = 'https://login.example/contoso/oauth2/v2.0/token';
let folder: string;
let time: number;
const open = () => createThrottle(join(folder, 'throttle'), () => time);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-throttle-'));
  time = 1_800_000_000;
});
afterEach(() => rmSync(folder, { recursive: true }));

it('tells the next process how long a server wants to be left alone', () => {
  expect(open().secondsLeft(TOKEN)).toBe(0);
  open().remember(TOKEN, 30);
  time += 10.5;
  expect(open().secondsLeft(TOKEN)).toBe(20);
  time += 19.5;
  expect(open().secondsLeft(TOKEN)).toBe(0);
});

it('means the whole authority, and no other tenant or host', () => {
  open().remember(TOKEN, 30);
  const asked = (url: string) => open().secondsLeft(url);
  expect(asked('https://LOGIN.example/Contoso/v2.0/.well-known/openid-configuration')).toBe(30);
  expect(asked('https://login.example/fabrikam/oauth2/v2.0/token')).toBe(0);
  expect(asked('https://login.other/contoso/oauth2/v2.0/token')).toBe(0);
});

it('ends when somebody lifts it, for that authority alone', () => {
  open().remember(TOKEN, 30);
  open().remember('https://login.other/a', 30);
  open().forget('https://login.example/contoso');
  expect(open().secondsLeft(TOKEN)).toBe(0);
  expect(open().secondsLeft('https://login.other/a')).toBe(30);
});

it('never means more than an hour, nor a time that a wrong clock made', () => {
  open().remember(TOKEN, 10 * 365 * 24 * 3600);
  expect(open().secondsLeft(TOKEN)).toBe(3600);
  time -= 7200;
  expect(open().secondsLeft(TOKEN)).toBe(0);
});

it('removes what has ended when it remembers the next', () => {
  open().remember(TOKEN, 30);
  open().remember('https://login.other/a', 90);
  expect(listWaits(join(folder, 'throttle'), time)).toHaveLength(2);
  time += 60;
  open().remember('https://login.third/', 30);
  expect(readdirSync(join(folder, 'throttle'))).toHaveLength(2);
  expect(
    listWaits(join(folder, 'throttle'), time)
      .map(({ authority }) => authority)
      .sort(),
  ).toEqual(['login.other/a', 'login.third/']);
});

it('keeps its files to itself, and is not disturbed by damaged ones', () => {
  open().remember(TOKEN, 30);
  const [name = ''] = readdirSync(join(folder, 'throttle'));
  const path = join(folder, 'throttle', name);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  for (const text of ['', '{', 'null', '{"authority":1,"until":"x"}', '\0'.repeat(5000)]) {
    writeFileSync(path, text);
    expect(open().secondsLeft(TOKEN)).toBe(0);
    expect(listWaits(join(folder, 'throttle'), time)).toEqual([]);
  }
});
