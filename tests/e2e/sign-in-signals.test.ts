import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { listenerPid, listenersAt } from '../support/listeners.ts';
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

describe('while the browser is awaited', () => {
  it.each<[string, NodeJS.Signals | undefined, number]>([
    ['Ctrl+C', undefined, 130],
    ['SIGINT', 'SIGINT', 130],
    ['SIGTERM', 'SIGTERM', 143],
    ['SIGHUP', 'SIGHUP', 129],
  ])('%s ends it within a second, with nothing left behind', async (_name, signal, code) => {
    const port = await waitForBrowser();
    const pid = listenerPid(port);
    expect(listenersAt(port).sort()).toEqual(['127.0.0.1', '::1']);
    const started = performance.now();
    if (signal) process.kill(pid, signal);
    else terminal.type(CTRL_C);
    expect(await terminal.ended()).toEqual({ code, out: '' });
    expect(performance.now() - started).toBeLessThan(1000);
    expect(listenersAt(port)).toEqual([]);
    const { text, sane } = leftBehind();
    expect(text).toContain('Opening browser for authentication...');
    expect([text.includes('waiting for the browser'), sane]).toEqual([false, true]);
    expect(readdirSync(join(stage.home, '.tokencli'), { recursive: true }).sort()).toEqual(
      expect.not.arrayContaining([expect.stringContaining('tmp')]),
    );
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
