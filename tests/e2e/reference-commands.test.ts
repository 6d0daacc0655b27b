import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findIn } from '../support/canaries.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type RunOptions, runInTerminal } from '../support/run-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';

const SECRET = `s ${randomBytes(18).toString('hex')}`;
const ARGUMENTS = [
  '$(id)',
  '`id`',
  ';',
  '&&',
  '|',
  '*',
  '~',
  '"',
  "'",
  '\\',
  '$HOME',
  ' ',
  '',
  '-x',
];

let stage: Stage;
let idp: FakeIdp;

beforeAll(async () => {
  stage = setStage({
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: randomBytes(32).toString('base64'),
  });
  idp = await startFakeIdp({ tls: stage.tls });
  stage.file('secret', SECRET);
});
afterAll(async () => {
  await idp?.close();
  stage?.remove();
});

/** Profiles whose secret comes from a program of shell; its first argument marks its processes. */
function writeProfiles(programs: Readonly<Record<string, string | readonly string[]>>): string {
  const mark = `mark-${randomUUID()}`;
  const profiles = Object.entries(programs).map(([name, program], index) => {
    const path = stage.file(`program-${index}`, `#!/bin/sh\n${program}\n`);
    chmodSync(path, 0o700);
    const command = typeof program === 'string' ? [path, mark, ...ARGUMENTS] : program;
    return {
      ...{ name, clientId: randomUUID(), tenantId: randomUUID(), authority: idp.origin },
      ...{ caFile: stage.caFile, clientSecretFrom: { command } },
      // another credential, which must never be used in its place
      certificatePath: '/nowhere/app.pem',
    };
  });
  stage.writeProfiles({ schemaVersion: 1, profiles });
  return mark;
}

const get = (name: string, options: RunOptions = {}) =>
  stage.run(['get-token', '-p', name, '--no-cache'], options);

/** Processes with this word on their command line. */
function marked(mark: string): string[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark);
    } catch {
      return false;
    }
  });
}

async function until(check: () => boolean): Promise<boolean> {
  for (let round = 0; round < 200 && !check(); round++) await pause(25);
  return check();
}

const FORKS = `sh -c 'sleep 600; :' "$1" & sh -c 'sleep 600; :' "$1"`;

it('what a command may do wrong: its code, its name, nothing secret, nothing left', async () => {
  const cat = `cat '${stage.folder}/secret'`;
  const interpreter = stage.file('interpreter', '#!/no/such/interpreter\n');
  chmodSync(interpreter, 0o700);
  const rows: [string, string | string[], number, string][] = [
    ['hangs', `${cat}; exec sleep 600`, 7, 'did not end within 10s'],
    ['forks-and-hangs', `${cat}; ${FORKS}`, 7, 'did not end within 10s'],
    ['1-mib', `${cat}; head -c 1048576 /dev/zero | tr '\\0' a`, 9, 'larger than 65536 bytes'],
    ['endless', `${cat}; exec yes`, 9, 'larger than 65536 bytes'],
    ['nothing', ':', 9, 'is empty'],
    ['only-a-line-end', 'echo', 9, 'is empty'],
    ['two-lines', `${cat}; echo; echo more`, 9, 'more than one line'],
    ['nul', `${cat}; printf 'a\\0b'`, 9, 'is not text'],
    ['no-utf-8', `${cat}; printf '\\377\\376\\375'`, 9, 'is not text'],
    ['stderr-only', `${cat} >&2`, 9, 'is empty'],
    ['exits-3', `${cat}; echo 'sealed, sorry' >&2; exit 3`, 7, 'ended with exit code 3\n'],
    ['tells-it', `echo one; ${cat}; echo; ${cat} >&2; exit 3`, 7, 'ended with exit code 3\n'],
    ['says-it', `(set -x; : "$(${cat})"); exit 3`, 7, 'ended with exit code 3\n'],
    ['is-killed', `${cat}; kill -9 $$`, 7, 'ended by SIGKILL'],
    ['is-absent', ['no-such-program-here'], 7, 'the command no-such-program-here is not found'],
    ['not-executable', [join(stage.folder, 'secret')], 7, 'is not found, or is no program'],
    ['no-interpreter', [interpreter], 7, 'the command'],
    ['a-folder', [stage.folder], 7, 'is not found, or is no program'],
  ];
  const mark = writeProfiles(Object.fromEntries(rows.map(([name, program]) => [name, program])));
  const both = ['hangs', 'forks-and-hangs', '1-mib', 'exits-3', 'no-interpreter'];
  const jobs = rows.flatMap((row) =>
    both.includes(row[0]) ? [{ row }, { row, program: 'npm package' as const }] : [{ row }],
  );
  const ends = jobs.map(async ({ row: [name, , code, words], program }) => {
    const result = await get(name, program && { program });
    expect([name, result.code, result.out, result.err]).toEqual([
      name,
      code,
      '',
      expect.stringContaining(words),
    ]);
    expect(result.err).toContain(`clientSecretFrom of profile ${name}`);
    expect(findIn(name, result.err, [SECRET])).toEqual([]);
  });
  await Promise.all(ends);
  expect(await until(() => marked(mark).length === 0)).toBe(true);
  expect(idp.seen).toEqual([]);
}, 60_000);

it.each(['executable', 'npm package'] as const)(
  'arguments arrive literally, and stdin is closed, in the %s',
  async (program) => {
    const { folder } = stage;
    const mark = writeProfiles({
      p: `printf '%s\\n' "$@" >'${folder}/args'; cat >'${folder}/stdin'; echo x >&0; cat '${folder}/secret'`,
    });
    idp.seen.length = 0;
    const { code } = await get('p', { program, input: 'a secret of somebody else' });
    expect(code).toBe(0);
    expect(readFileSync(join(folder, 'args'), 'utf8').split('\n')).toEqual([
      mark,
      ...ARGUMENTS,
      '',
    ]);
    expect(readFileSync(join(folder, 'stdin'), 'utf8')).toBe('');
    expect(idp.tokenRequests()[0]?.body['client_secret']).toBe(SECRET);
  },
);

it.each(['executable', 'npm package'] as const)(
  'Ctrl+C ends it with all that it has started, in the %s',
  async (program) => {
    const mark = writeProfiles({ p: FORKS });
    let child: ChildProcess | undefined;
    const watch = (started: ChildProcess) => {
      child = started;
    };
    const result = get('p', { program, watch });
    expect(await until(() => marked(mark).length >= 3)).toBe(true);
    child?.kill('SIGINT');
    expect((await result).code).toBe(130);
    expect(await until(() => marked(mark).length === 0)).toBe(true);
  },
);

it.each(['executable', 'npm package'] as const)(
  'its own end counts, not that of what it has left at its stdout, in the %s',
  async (program) => {
    const left = `sh -c 'sleep 600; :' "$1" &`;
    const mark = writeProfiles({
      prints: `${left} cat '${stage.folder}/secret'`,
      fails: `${left} cat '${stage.folder}/secret'; exit 3`,
    });
    const start = performance.now();
    expect((await get('prints', { program })).code).toBe(0);
    const { code, err } = await get('fails', { program });
    expect([code, err]).toEqual([7, expect.stringContaining('ended with exit code 3\n')]);
    expect(performance.now() - start).toBeLessThan(9000);
    expect(await until(() => marked(mark).length === 0)).toBe(true);
  },
);

it('--timeout ends it sooner, and its name is told', async () => {
  const mark = writeProfiles({ p: FORKS });
  const start = performance.now();
  const { code, err } = await stage.run(['get-token', '-p', 'p', '--no-cache', '--timeout', '1s']);
  expect([code, performance.now() - start < 8000]).toEqual([8, true]);
  expect(err).toMatch(
    /clientSecretFrom of profile p.*: the command \S+: no result within 1s\n {2}try: .*--timeout/,
  );
  expect(await until(() => marked(mark).length === 0)).toBe(true);
});

it('what it says is on the terminal, and its secret is not', async () => {
  writeProfiles({ p: `echo 'touch the key' >&2; test -t 2; cat '${stage.folder}/secret'` });
  const args = ['get-token', '-p', 'p', '--no-cache'];
  const { code, err, out } = await runInTerminal(args, { home: stage.home, cwd: stage.folder });
  expect([code, err]).toEqual([0, expect.stringContaining('touch the key')]);
  expect(findIn('terminal', err + out, [SECRET])).toEqual([]);
});

it('but nothing while exec has given the terminal to a program', async () => {
  const say = "echo 'touch the key' >&2";
  writeProfiles({ p: `${say}; cat '${stage.folder}/secret'`, fails: `${say}; exit 3` });
  const ask = '"$IDENTITY_ENDPOINT?resource=api://orders" -H "X-IDENTITY-HEADER: $IDENTITY_HEADER"';
  const run = (profile: string) =>
    runInTerminal(['exec', '-p', profile, '--lazy', '--', 'sh', '-c', `curl -s ${ask}`], {
      home: stage.home,
      cwd: stage.folder,
    });
  const [works, fails] = [await run('p'), await run('fails')];
  expect([works.code, works.err]).toEqual([0, '']);
  expect(works.out).toContain('"access_token"');
  expect([fails.err, fails.out]).toEqual(['', expect.stringContaining('ended with exit code 3')]);
});
