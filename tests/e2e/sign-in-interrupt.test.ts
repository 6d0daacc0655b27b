import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
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
    clients: [{ id: appId('desktop'), redirectUris: ['http://localhost'] }],
    users: [{ username: 'ada@example.test', password: 'secret' }],
  });
});
afterAll(() => idp.close());

beforeEach(() => {
  stage = setSignInStage(tls);
  const profile = {
    ...{ name: 'me', clientId: appId('desktop'), tenantId: idp.tenant, authority: idp.origin },
    ...{ caFile: stage.caFile, flow: 'InteractiveBrowser', scopes: ['User.Read'] },
  };
  stage.writeProfiles({ schemaVersion: 1, profiles: [profile] });
});
afterEach(async () => {
  await terminal.close();
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

/** @param line the line of waiting */
async function interrupt(line: string): Promise<void> {
  const started = performance.now();
  terminal.type(CTRL_C);
  expect(await terminal.ended()).toEqual({ code: 130, out: '' });
  expect(performance.now() - started).toBeLessThan(1000);
  const { text, sane } = leftBehind();
  expect(text).toContain("Authenticating with profile 'me'...");
  expect([text.includes(line), sane]).toEqual([false, true]);
}

it('Ctrl+C takes the line of waiting for the browser away, and the port is free', async () => {
  const port = await waitForBrowser();
  expect(listenersAt(port).sort()).toEqual(['127.0.0.1', '::1']);
  await interrupt('waiting for the browser');
  expect(listenersAt(port)).toEqual([]);
  expect(idp.tokenRequests()).toEqual([]);
});

it('Ctrl+C takes the line of waiting for a device away', async () => {
  terminal = await stage.open(['get-token', '-p', 'me', '-f', 'DeviceCode']);
  await terminal.waitFor('waiting for the sign-in');
  await interrupt('waiting for the sign-in');
});

it('a terminal that goes away frees the port too', async () => {
  const port = await waitForBrowser();
  await terminal.close();
  const started = performance.now();
  while (listenersAt(port).length > 0 && performance.now() - started < 5000) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(performance.now() - started).toBeLessThan(1000);
});
