import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { listenersAt } from '../support/listeners.ts';
import { type SignInStage, setSignInStage } from '../support/sign-in-stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import type { Terminal } from '../support/terminal.ts';
import { createTinyTerminal } from '../support/tiny-terminal.ts';
import { createTestCa } from '../support/tls.ts';

const CTRL_C = '\u0003';
const tls = createTestCa();
let idp: StandIn;
let stage: SignInStage;
let terminal: Terminal;

beforeAll(async () => {
  idp = await startStandIn({
    tls,
    clients: [{ id: 'desktop', redirectUris: ['http://localhost'] }],
    users: [{ username: 'ada@example.test', password: 'secret' }],
  });
});
afterAll(() => idp.close());

beforeEach(() => {
  stage = setSignInStage();
  stage.file('ca.pem', tls.caPem);
  const profile = {
    ...{ name: 'me', clientId: 'desktop', tenantId: idp.tenant, authority: idp.origin },
    ...{ caFile: stage.caFile, flow: 'InteractiveBrowser', scopes: ['User.Read'] },
  };
  stage.writeProfiles({ schemaVersion: 1, profiles: [profile] });
});
afterEach(() => {
  terminal.close();
  stage.remove();
});

/** As far as the person in front of the browser. @returns the port that waits for the answer */
async function waitForBrowser(): Promise<number> {
  terminal = await stage.open(['get-token', '-p', 'me']);
  const link = new URL(await stage.opener.next());
  await terminal.waitFor('waiting for the browser');
  return Number(new URL(link.searchParams.get('redirect_uri') ?? '').port);
}

/** The screen as it is left behind. */
function leftBehind() {
  const tiny = createTinyTerminal();
  tiny.write(terminal.screen());
  return { text: tiny.lines().join('\n'), sane: tiny.isSane() };
}

const SIGNALS: [string, NodeJS.Signals | undefined, number][] = [
  ['Ctrl+C', undefined, 130],
  ['SIGINT', 'SIGINT', 130],
  ['SIGTERM', 'SIGTERM', 143],
  ['SIGHUP', 'SIGHUP', 129],
];

/** Sends it and looks at what is left. @param line the line of waiting */
async function endBy(signal: NodeJS.Signals | undefined, code: number, line: string) {
  const started = performance.now();
  if (signal) process.kill(pidOf(stage.home), signal);
  else terminal.type(CTRL_C);
  expect(await terminal.ended()).toEqual({ code, out: '' });
  expect(performance.now() - started).toBeLessThan(1000);
  const { text, sane } = leftBehind();
  expect(text).toContain("Authenticating with profile 'me'...");
  expect([text.includes(line), sane]).toEqual([false, true]);
  const files = readdirSync(join(stage.home, '.tokencli'), { recursive: true, encoding: 'utf8' });
  expect(files.filter((name) => name.includes('tmp'))).toEqual([]);
}

/** The command itself, below the terminal and its shell. */
function pidOf(home: string): number {
  const read = (pid: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
    } catch {
      return []; // it has ended
    }
  };
  const pid = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => read(name, 'cmdline')[0] === process.execPath)
    .find((name) => read(name, 'environ').includes(`HOME=${home}`));
  if (pid === undefined) throw new Error('the command does not run');
  return Number(pid);
}

describe('while the browser is awaited', () => {
  it.each(SIGNALS)('%s ends it within a second, the port is free', async (_name, signal, code) => {
    const port = await waitForBrowser();
    expect(listenersAt(port).sort()).toEqual(['127.0.0.1', '::1']);
    await endBy(signal, code, 'waiting for the browser');
    expect(listenersAt(port)).toEqual([]);
    expect(idp.tokenRequests()).toEqual([]);
  });

  it('a terminal that goes away ends it too', async () => {
    const port = await waitForBrowser();
    terminal.close();
    const started = performance.now();
    while (listenersAt(port).length > 0 && performance.now() - started < 5000) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('while a device code is waited for', () => {
  it.each(SIGNALS)('%s ends it within a second', async (_name, signal, code) => {
    terminal = await stage.open(['get-token', '-p', 'me', '-f', 'DeviceCode']);
    await terminal.waitFor('waiting for the sign-in');
    await endBy(signal, code, 'waiting for the sign-in');
  });
});
