import { randomInt } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { CliError } from '../../src/core/errors.ts';
import { discover } from '../../src/usecases/inspect/discover.ts';
import { inspect } from '../../src/usecases/inspect/inspect.ts';
import * as rfc from '../fixtures/jose-examples.ts';
import { createRandom } from '../support/random.ts';
import { createTestApp } from '../support/test-app.ts';
import { compact, NOW } from '../support/tokens.ts';

const COUNT = Number(process.env['TOKENCLI_FUZZ_COUNT'] ?? 8_000);
const SEED = Number(process.env['TOKENCLI_FUZZ_SEED'] ?? randomInt(2 ** 31));
const SLOWEST_MILLISECONDS = 50;

const CLAIMS = [
  `{"aud":["a","b"],"exp":${NOW + 60},"scp":"A B","nested":{"a":[1,2.5e3,null,true,"\\u202e"]}}`,
  `{"exp":8.64e15,"nbf":-1e400,"iat":"x","roles":[1,"r"],"wids":{},"__proto__":1,"amr":null}`,
  `{"exp":1e12,"iat":-8.64e12,"xms_cc":["cp1"],"appidacr":7,"name":"\\u001b]52;c;AAAA\\u0007"}`,
  `{"a":${'['.repeat(60)}${']'.repeat(60)},"a":2}`,
];
const SEEDS = [
  rfc.HS256,
  rfc.RS256,
  rfc.UNSECURED,
  rfc.ENCRYPTED,
  'EwB4A8l6BAAUkj1NuJYtTVha',
  ...CLAIMS.map((claims) => compact('{"alg":"RS256","kid":"k"}', claims)),
];
const BYTES = [
  '.',
  '=',
  '-',
  '_',
  'A',
  'e30',
  ' ',
  '\n',
  '"',
  '{',
  '\u0000',
  '\u202e',
  '\ud800',
  'é',
];

const NAMES =
  'aud iss exp nbf iat tid oid sub scp scope roles wids amr acr appid azp appidacr xms_cc ver idtyp idp name a';
const VALUES =
  '"" "x" "\\u202e\\u001b[2J" 0 -1 1e400 8.64e12 8.65e12 -8.64e12 1.5 null true [] {} [[]] [null,1,"a",{}] {"a":{"a":1}} "0" "https://sts.windows.net/" "62e90394-69f5-4237-9190-012177145e10" "cp1"';

function anyClaims(random: (below: number) => number): string {
  const [names, values] = [NAMES.split(' '), VALUES.split(' ')];
  const members = Array.from({ length: random(12) }, () => {
    return `"${names[random(names.length)]}":${values[random(values.length)]}`;
  });
  return `{${members.join(',')}}`;
}

function mutate(random: (below: number) => number): string {
  if (random(3) === 0) return compact('{"alg":"RS256"}', anyClaims(random));
  if (random(3) === 0) {
    const claims = CLAIMS[random(CLAIMS.length)] ?? '';
    return compact('{"alg":"RS256"}', change(claims, random));
  }
  return change(SEEDS[random(SEEDS.length)] ?? '', random);
}

function change(text: string, random: (below: number) => number): string {
  let changed = text;
  for (let times = random(4); times >= 0; times -= 1) {
    const at = random(changed.length + 1);
    const [before, after] = [changed.slice(0, at), changed.slice(at)];
    const ways = [
      () => before + (BYTES[random(BYTES.length)] ?? '') + after.slice(random(3)),
      () => before + String.fromCharCode(random(128)) + after.slice(1),
      () => before,
      () => changed + changed.slice(at, at + random(400)),
      () => before + after.slice(random(30)),
    ];
    changed = ways[random(ways.length)]?.() ?? changed;
  }
  return changed;
}

const VIEWS = [
  {},
  { full: true },
  { explain: true },
  { explain: true, json: true },
  { claim: 'a' },
];

async function exitCode(work: () => Promise<{ exitCode?: number }>): Promise<number> {
  try {
    return (await work()).exitCode ?? 0;
  } catch (error) {
    if (error instanceof CliError) return error.exitCode;
    throw error;
  }
}

it(
  `${COUNT} damaged tokens: an answer or exit 9, soon`,
  async () => {
    const test = createTestApp();
    const random = createRandom(SEED);
    const seen = { inspect: {} as Record<number, number>, discover: {} as Record<number, number> };
    let slowest = 0;
    const measure = async (token: string, view: object) => {
      const app = test.app({ stdin: token });
      const start = performance.now();
      const code = await exitCode(() => inspect(app, view));
      return { code, time: performance.now() - start };
    };
    for (let index = 0; index < COUNT; index += 1) {
      const token = mutate(random);
      const view = VIEWS[index % VIEWS.length] ?? {};
      let { code, time } = await measure(token, view);
      // A pause of the machine is not the token's fault: what is slow must be slow each time.
      for (let again = 0; time > SLOWEST_MILLISECONDS && again < 5; again += 1) {
        time = Math.min(time, (await measure(token, view)).time);
      }
      slowest = Math.max(slowest, time);
      if (![0, 9].includes(code) && !(code === 4 && 'claim' in view)) {
        throw new Error(`seed ${SEED}, token ${index}: exit ${code}: ${JSON.stringify(token)}`);
      }
      seen.inspect[code] = (seen.inspect[code] ?? 0) + 1;
      const verdict = await exitCode(() => discover(test.app({ stdin: token }), {}));
      expect([0, 6, 9]).toContain(verdict);
      seen.discover[verdict] = (seen.discover[verdict] ?? 0) + 1;
    }
    test.remove();
    console.log(
      `seed ${SEED}, ${COUNT} tokens, exit codes ${JSON.stringify(seen)}, slowest ${slowest.toFixed(1)} ms`,
    );
    expect(slowest).toBeLessThanOrEqual(SLOWEST_MILLISECONDS);
    expect(seen.inspect[0]).toBeGreaterThan(COUNT / 10);
  },
  60_000 + COUNT * 10,
);
