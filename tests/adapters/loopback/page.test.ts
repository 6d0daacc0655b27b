import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLoopback } from '../../../src/adapters/loopback/loopback.ts';
import { startDeadline } from '../../../src/core/deadline.ts';
import type { Redirect } from '../../../src/core/interaction.ts';
import type { Log } from '../../../src/core/ports.ts';
import { type Chromium, type Person, startChromium } from '../../support/chromium.ts';
import { createTestCa } from '../../support/tls.ts';

const CODE = 'the-code-that-nobody-may-see';
const STATE = 'the-state';
const tls = createTestCa();
const never = new AbortController().signal;
let chromium: Chromium;
let provider: Server;
let person: Person;
const complaints: string[] = [];
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  chromium = await startChromium();
  provider = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
    const to = new URL(request.url ?? '/', 'https://localhost').searchParams.get('to') ?? '';
    if (request.url?.startsWith('/query')) {
      response.writeHead(302, { location: `${to}?code=${CODE}&state=${STATE}` }).end();
      return;
    }
    response.setHeader('content-type', 'text/html');
    response.end(`<form method=post action="${to}">
      <input type=hidden name=code value=${CODE}><input type=hidden name=state value=${STATE}>
      </form><script>document.forms[0].submit()</script>`);
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  provider.close();
  await chromium.close();
});

beforeEach(async () => {
  person = await chromium.person();
  complaints.length = 0;
});
afterEach(async () => {
  await person.leave();
  for (const end of ends.splice(0)) await end();
});

/** A browser that the provider has just sent back. */
async function comeBack(responseMode: 'query' | 'form_post', host = 'localhost') {
  const loopback = createLoopback({
    atEnd: (end) => ends.push(end),
    log: { warn: () => {} } as unknown as Log,
  });
  const redirectUri = `http://${host}/signed-in`;
  const listener = await loopback.listen({ redirectUri, state: STATE, responseMode });
  const { port } = provider.address() as AddressInfo;
  const page = person.page();
  page.on('console', (message) => complaints.push(message.text()));
  const visit = page
    .goto(`https://localhost:${port}/${responseMode}?to=${listener.redirectUri}`)
    .catch(() => {}); // a form that is sent at once leaves the page before it has come
  const redirect = await listener.redirect(startDeadline(10, never));
  expect(redirect.parameters).toEqual({ code: CODE, state: STATE });
  return { redirect, listener, page, visit };
}

async function show(redirect: Redirect, page: 'success' | 'failure', text: string) {
  await redirect.answer(page);
  return person.see(text);
}

describe.each(['query', 'form_post'] as const)('the closing page, after %s', (mode) => {
  it('is shown in a real browser, which forgets the code', async () => {
    const { redirect, listener, page, visit } = await comeBack(mode);
    const text = await show(redirect, 'success', 'You are signed in');
    await visit;
    await listener.close();
    expect(text).toContain('You can close this tab.');
    expect(await page.title()).toBe('You are signed in – tokencli');
    expect(page.url()).not.toContain(CODE);
    expect(new URL(page.url()).origin).toBe(new URL(listener.redirectUri).origin);
    expect(await page.content()).not.toMatch(new RegExp(`${CODE}|${STATE}`));
    expect(await page.evaluate('performance.getEntriesByType("navigation")[0].name')).toBe(
      page.url(),
    );
    expect(await page.evaluate('document.referrer')).not.toContain(CODE);
    // its own policy lets its style through, and the browser has nothing to complain about
    expect(complaints).toEqual([]);
    expect(
      await page.evaluate('getComputedStyle(document.querySelector("main")).borderTopStyle'),
    ).toBe('solid');
  });

  it('says so when the sign-in did not work', async () => {
    const { redirect } = await comeBack(mode);
    expect(await show(redirect, 'failure', 'did not work')).toContain('Your terminal says why.');
  });
});

it.each(['127.0.0.1', '[::1]'])('is shown at %s too', async (host) => {
  const { redirect } = await comeBack('query', host);
  await show(redirect, 'success', 'You are signed in');
});

it('is readable in the light, in the dark, on a phone and for a screen reader', async () => {
  const { redirect, page } = await comeBack('query');
  await show(redirect, 'failure', 'did not work');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const selector of ['h1', 'p', 'footer', 'svg']) {
      const ratio = Number(await page.evaluate(`(${contrast})('${selector}')`));
      expect({ colorScheme, selector, enough: ratio >= 4.5 }).toMatchObject({ enough: true });
    }
  }
  await page.setViewportSize({ width: 320, height: 480 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  expect(await page.evaluate('document.documentElement.lang')).toBe('en');
  expect(await page.getByRole('main').getByRole('heading', { level: 1 }).count()).toBe(1);
  expect(await page.getByRole('img').count()).toBe(0);
});

/** WCAG 2 contrast of a text, or of a line, on the card. Runs in the page. */
const contrast = `(selector) => {
  const luminance = (color) => {
    const parts = color.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255);
    const [r, g, b] = parts.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = (name) => getComputedStyle(document.querySelector(name));
  const pair = [luminance(style(selector).color), luminance(style('main').backgroundColor)];
  const [dark, light] = pair.sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}`;
