import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { program } from '../support/built-cli.ts';
import { startExec } from '../support/exec-session.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { listenersAt } from '../support/listeners.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { openProgram } from '../support/terminal.ts';

const SECRET = 'a secret for the tests 0123456789';
const ENV = {
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: Buffer.alloc(32, 7).toString('base64'),
  TOKENCLI_CLIENT_SECRET: SECRET,
};
/** Says which signals it gets; the first SIGTERM ends it. */
const TRAPS =
  'for name in INT HUP QUIT USR1 USR2 ALRM VTALRM XCPU IO; do trap "echo got-$name >&2" $name; done; ' +
  'trap "echo got-TERM >&2; exit 9" TERM; echo "ready $PPID." >&2; while :; do sleep 0.05; done';

let stage: Stage;
let idp: FakeIdp;

beforeAll(async () => {
  stage = setStage(ENV);
  idp = await startFakeIdp({ tls: stage.tls });
  chmodSync(stage.file('stray', '#!/no/such/shell\n'), 0o700);
  const clientId = '11111111-2222-4333-8444-555555555555';
  const common = { clientId, tenantId: 'contoso.example', caFile: stage.caFile };
  stage.writeProfiles({
    profiles: [
      { name: 'app', ...common, authority: idp.origin },
      { name: 'person', ...common, authority: idp.origin, flow: 'InteractiveBrowser' },
      { name: 'broken', ...common, scopes: 7 },
      {
        ...{ name: 'vaulted', ...common, authority: idp.origin },
        clientSecretFrom: { command: ['echo', SECRET] },
      },
    ],
  });
});
afterAll(async () => {
  await idp.close();
  stage.remove();
});

const sh = (script: string) => ['exec', '-p', 'app', '--', 'sh', '-c', script];

describe('the exit code', () => {
  it.each([
    { code: 0, args: sh('exit 0'), err: '' },
    { code: 7, args: sh('exit 7'), err: '' },
    { code: 137, args: sh('kill -9 $$'), err: '' },
    { code: 143, args: sh('kill $$'), err: '' },
    { code: 127, args: ['exec', '-p', 'app', '--', 'no-such'], err: 'there is no program no-such' },
    { code: 126, args: ['exec', '-p', 'app', '--', '/tmp'], err: 'it is a folder' },
    { code: 126, args: ['exec', '-p', 'app', '--', '/etc/passwd'], err: 'permission denied' },
    { code: 126, args: ['exec', '-p', 'app', '--', './stray'], err: 'interpreter .* not there' },
  ])('is $code for $args', async ({ code, args, err }) => {
    const result = await stage.run(args);
    expect([result.code, result.out]).toEqual([code, '']);
    if (err === '') expect(result.err).toBe('');
    else expect(result.err).toMatch(new RegExp(`^tokencli: .*${err}\n$`));
  });
});

it.each(['executable', 'npm package'] as const)(
  'the exit code is known where SIGCHLD is ignored, that of the command of a reference too, by the %s',
  async (which) => {
    const args = ['exec', '-p', 'vaulted', '--', 'sh', '-c', 'exit 7'];
    const result = await stage.run(args, {
      program: which,
      before: ['env', '--ignore-signal=CHLD'],
      // keeps no token for the next one
      env: { TOKENCLI_CLIENT_SECRET: undefined, TOKENCLI_STORE_KEY: undefined },
    });
    expect([result.code, result.out]).toEqual([7, '']);
  },
);

describe('a line that cannot be right', () => {
  const touch = ['touch', 'started'];
  it.each([
    { args: ['-p', 'app', ...touch], code: 2, err: 'a program goes behind --' },
    { args: ['-p', 'app', 'ls', '--all'], code: 2, err: 'a program goes behind --' },
    { args: ['-p', 'app'], code: 2, err: 'a program goes behind --' },
    { args: ['-p', 'app', '--'], code: 2, err: 'a program goes behind --' },
    { args: ['-p', '--', ...touch], code: 2, err: '-p needs a value' },
    { args: ['--lasy', '-p', 'app', '--', ...touch], code: 2, err: 'unknown: --lasy' },
    { args: ['-p', 'app', '--env', '1', '--', ...touch], code: 2, err: '--env takes NAME' },
    { args: ['-p', 'app', '--env', 'A=b', '--', ...touch], code: 2, err: '--env takes NAME' },
    { args: ['-p', 'app', '--lazy', '--env=A', '--', ...touch], code: 2, err: '--lazy' },
    { args: ['-p', 'app', '--env=A', '--env=A=expires', '--', ...touch], code: 2, err: 'twice' },
    { args: ['-p', 'app', '--env=TOKENCLI_EXEC', '--', ...touch], code: 2, err: 'needs it' },
    { args: ['-p', 'app', '--env=no_proxy', '--', ...touch], code: 2, err: 'needs it' },
    { args: ['-p', 'app', '--env=ARM_USE_MSI', '--', ...touch], code: 2, err: 'needs it' },
    {
      args: ['-p', 'app', '--allow=https://graph.microsoft.com/User.Read', '--', ...touch],
      code: 2,
      err: 'try: --allow https://graph.microsoft.com\n',
    },
    {
      args: ['-p', 'app', '--allow=api://a/user_impersonation', '--', ...touch],
      code: 2,
      err: 'try: --allow api://a\n',
    },
    { args: ['-p', 'app', '--', ...touch, 'a\ufffd'], code: 2, err: 'word 3 behind --' },
    { args: ['-p', 'app', '--allow=sharepoint', '--', ...touch], code: 2, err: '--allow https://' },
    { args: ['-p', 'app', '--allow', 'x/.default', '--', ...touch], code: 2, err: '--allow x' },
    { args: ['-p', 'nobody', '--lazy', '--', ...touch], code: 3, err: "no profile 'nobody'" },
    { args: ['-p', 'broken', '--lazy', '--', ...touch], code: 9, err: 'scopes' },
    { args: ['-p', 'person', '--', ...touch], code: 5, err: 'tokencli get-token -p person' },
  ])('ends $args with $code, and nothing starts', async ({ args, code, err }) => {
    const result = await stage.run(['exec', ...args]);
    expect([result.code, result.out]).toEqual([code, '']);
    expect(result.err).toContain(err);
    expect(existsSync(join(stage.folder, 'started'))).toBe(false);
  });

  it('refuses one exec inside another', async () => {
    const [first = '', ...more] = await program();
    const inner = [first, ...more, 'exec', '-p', 'app', '--', ...touch];
    const { code, err } = await stage.run(['exec', '-p', 'app', '--', ...inner]);
    expect([code, err]).toEqual([2, expect.stringContaining('tokencli exec -p app already')]);
    expect(existsSync(join(stage.folder, 'started'))).toBe(false);
  });
});

describe('stdin, stdout and arguments', () => {
  it('pass through unchanged, a MiB of random bytes', async () => {
    const [first = '', ...words] = [...(await program()), 'exec', '-p', 'app', '--', 'cat'];
    const env = { ...ENV, PATH: process.env['PATH'], HOME: stage.home };
    const child = spawn(first, words, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const bytes = randomBytes(1024 * 1024);
    const hash = createHash('sha256');
    child.stdout.on('data', (part) => hash.update(part));
    child.stdin.end(bytes);
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, hash.digest('hex')]).toEqual([
      0,
      createHash('sha256').update(bytes).digest('hex'),
    ]);
  });

  it('reach the program as they were typed', async () => {
    const odd = ['--help', '-p', '', '--', 'a b', '$(exit 1)', '*', "it's", 'ü\n'];
    const { out, code } = await stage.run(['exec', '-p', 'app', '--', 'printf', '<%s>', ...odd]);
    expect([code, out]).toEqual([0, odd.map((word) => `<${word}>`).join('')]);
  });

  it('have the open files of <(…) beside them', async () => {
    const line = '"$@" exec -p app -- cat <(echo one) <(echo two)';
    const before = ['bash', '-c', line, 'bash'];
    const { out, code, err } = await stage.run([], { before });
    expect([code, out, err]).toEqual([0, 'one\ntwo\n', '']);
  });

  it('need not be read', async () => {
    const { code, err } = await stage.run(sh('exec 0<&-; exit 4'), { input: randomBytes(200_000) });
    expect([code, err]).toEqual([4, '']);
  });
});

describe('signals', () => {
  it('Ctrl+C reaches the program once, SIGTERM is passed on', async () => {
    const env = { ...ENV, HOME: stage.home };
    // the shells around it get the signal as well
    const wrapper = ['sh', '-c', 'trap : INT; "$@"; echo "code $?." >&2', 'sh'];
    const opened = openProgram([...wrapper, ...(await program()), ...sh(TRAPS)], env);
    await opened.waitFor('ready ');
    await opened.waitFor('.');
    opened.type('\u0003');
    await opened.waitFor('got-INT');
    process.kill(Number(/ready (\d+)\./.exec(opened.screen())?.[1]), 'SIGTERM');
    await opened.waitFor('got-TERM');
    await opened.waitFor('code 9.');
    expect(opened.screen().match(/got-INT/g)).toHaveLength(1);
    await opened.close();
  });

  it.each(['executable', 'npm package'] as const)(
    'each one is passed on where there is no terminal, by the %s',
    async (which) => {
      const [first = '', ...words] = [...(await program(which)), ...sh(TRAPS)];
      const env = { ...ENV, PATH: process.env['PATH'], HOME: stage.home };
      // in a session of its own there is none
      const child = spawn(first, words, { env, detached: true });
      let err = '';
      child.stderr.on('data', (part) => {
        err += String(part);
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const said = async (text: string) => {
        while (!err.includes(text))
          await new Promise((resolve) => child.stderr.once('data', resolve));
      };
      await said('ready');
      const others = ['USR1', 'USR2', 'ALRM', 'VTALRM', 'XCPU', 'IO'] as const;
      const names = [...(['INT', 'HUP', 'QUIT'] as const), ...others, 'TERM'] as const;
      for (const name of names) {
        child.kill(`SIG${name}`);
        await said(`got-${name}`);
      }
      expect(await ended).toBe(9);
      // Node, when its debugger has been opened, says so here
      expect(err.match(/got-\w+|[Dd]ebugger/g)).toEqual(names.map((name) => `got-${name}`));
    },
  );
});

it("SIGUSR1 does not open Node's debugger while the token is obtained", async () => {
  const before = idp.tokenRequests().length;
  idp.script.push({ delay: 1000 });
  const result = stage.run(['exec', '-p', 'app', '--', 'true'], {
    program: 'npm package',
    // with another secret no cached token is its own
    env: { TOKENCLI_CLIENT_SECRET: `${SECRET}!` },
    watch: async (child) => {
      while (idp.tokenRequests().length === before) await pause(10);
      child.kill('SIGUSR1');
    },
  });
  expect(await result).toMatchObject({ code: 0, err: '' });
});

describe('the end', () => {
  it('comes with the program, though what it started lives on and has our stdout', async () => {
    const script = 'sleep 60 & echo "$! $IDENTITY_ENDPOINT"; exit 5';
    const [first = '', ...words] = [...(await program()), ...sh(script)];
    const env = { ...ENV, PATH: process.env['PATH'], HOME: stage.home };
    const child = spawn(first, words, { env });
    const out = new Promise((resolve) => child.stdout.once('data', resolve));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const [, pid, port] = /^(\d+) .*:(\d+)\//.exec(String(await out)) ?? [];
    expect(await ended).toBe(5);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    expect(listenersAt(Number(port))).toEqual([]);
    process.kill(Number(pid));
  });

  it('leaves no server when tokencli is killed, and the program goes on', async () => {
    const session = await startExec(['-p', 'app'], { home: stage.home, env: ENV });
    expect(listenersAt(session.port)).toEqual(['127.0.0.1']);
    session.tokencli.kill('SIGKILL');
    await new Promise((resolve) => session.tokencli.once('exit', resolve));
    expect(listenersAt(session.port)).toEqual([]);
    await expect(session.ask('https://graph.microsoft.com')).rejects.toThrow('ECONNREFUSED');
    expect(readFileSync(`/proc/${session.pid}/comm`, 'utf8')).toBe('cat\n');
    await session.end();
  });
});
