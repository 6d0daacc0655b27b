import { type BrowserContext, chromium, type Page } from 'playwright-core';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Somebody at a browser of their own. Knows the pages of both providers. */
export interface Person {
  /** The tab in front. */
  page(): Page;
  /** Opens a link in a new tab, which takes the place of the one before. */
  visit(url: string): Promise<void>;
  /** Fills the sign-in page and sends it. */
  enter(credentials: Credentials): Promise<void>;
  /** `visit` and `enter`. */
  signIn(url: string, credentials: Credentials): Promise<void>;
  /** Presses a button of the page by its `value`: `cancel`, `same`, `other`. */
  press(value: string): Promise<void>;
  consent(answer: 'accept' | 'decline'): Promise<void>;
  /** Types the code of another device, up to the question whether that is right. */
  enterDeviceCode(url: string, code: string, answer?: 'continue' | 'decline'): Promise<void>;
  /** Waits until the page shows a text. @returns everything it shows */
  see(text: string | RegExp): Promise<string>;
  closeTab(): Promise<void>;
  /** Closes the browser and forgets all cookies. */
  leave(): Promise<void>;
}

export interface Chromium {
  /** A new profile: no cookies, nobody signed in. */
  person(): Promise<Person>;
  close(): Promise<void>;
}

const PATIENCE = 60_000;

/**
 * The real browser, without a window. It reaches this machine alone and accepts every certificate.
 * @param hosts names that lead to a loopback port, for `https://<name>/`
 */
export async function startChromium(
  hosts: Readonly<Record<string, number>> = {},
): Promise<Chromium> {
  const rules = [
    ...Object.entries(hosts).map(([name, port]) => `MAP ${name}:443 127.0.0.1:${port}`),
    'MAP * ~NOTFOUND',
    'EXCLUDE localhost',
    'EXCLUDE 127.0.0.1',
    'EXCLUDE ::1',
  ];
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-quic', `--host-resolver-rules=${rules.join(',')}`],
  });
  return {
    person: async () => createPerson(await browser.newContext({ ignoreHTTPSErrors: true })),
    close: () => browser.close(),
  };
}

async function createPerson(context: BrowserContext): Promise<Person> {
  context.setDefaultTimeout(PATIENCE);
  let page = await context.newPage();
  const press = (selector: string) => page.click(selector);
  const visit = async (url: string) => {
    const before = page;
    page = await context.newPage();
    await before.close();
    await page.goto(url);
  };
  const enter = async ({ username, password }: Credentials) => {
    await page.fill('[name=username], [name=login]', username);
    await page.fill('[name=password]', password);
    await press('[value=sign-in], .login-submit');
  };
  return {
    page: () => page,
    visit,
    enter,
    signIn: async (url, credentials) => {
      await visit(url);
      await enter(credentials);
    },
    press: (value) => press(`[value="${value}"]`),
    consent: async (answer) => {
      if (answer === 'accept')
        return press('[value=accept], [name=prompt][value=consent] + button');
      await press('[value=accept] ~ [value=cancel], a[href$="/abort"]');
    },
    enterDeviceCode: async (url, code, answer = 'continue') => {
      await visit(url);
      await page.fill('[name=user_code]', code);
      await press('[form="op.deviceInputForm"]');
      await press(
        answer === 'decline' ? '[name=abort]' : '[form="op.deviceConfirmForm"]:not([name])',
      );
    },
    see: async (text) => {
      await page.getByText(text).first().waitFor();
      return (await page.textContent('body')) ?? '';
    },
    closeTab: () => page.close(),
    leave: () => context.close(),
  };
}
