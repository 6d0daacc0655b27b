import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../support/built-cli.ts';
import { type Chromium, startChromium } from '../support/chromium.ts';
import { type RunResult, runInTerminal } from '../support/run-cli.ts';
import { HOSTS, PERSON, PROFILES, SECRETS, TENANT } from './names.ts';
import { type Services, startServices } from './services.ts';

/** Somebody with a terminal and a browser who types what a page says. */
export interface Reader {
  /** Runs a script of bash in a home of its own, which has the profiles of the pages. */
  follow(script: string): Promise<RunResult>;
  close(): Promise<void>;
}

/** A link to a sign-in or a consent alone on its line, and a code for another device. */
const LINK = /^(https:\/\/\S+\/(?:authorize|adminconsent)\?\S+)\r?$/gm;
const DEVICE = /^(https:\/\/\S+)\r?\nand enter the code\r?\n([A-Z]{9})\r?$/m;

export async function createReader(): Promise<Reader> {
  const [executable = ''] = await program('executable');
  const services = await startServices();
  const root = mkdtempSync(join(tmpdir(), 'tokencli-docs-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(root, name), text, { mode: 0o600 });
    return join(root, name);
  };
  const caFile = file('ca.pem', services.tls.caPem);
  mkdirSync(join(root, 'bin'));
  symlinkSync(executable, join(root, 'bin', 'tokencli'));
  const env = {
    PATH: `${join(root, 'bin')}:${process.env['PATH']}`,
    HTTPS_PROXY: services.proxy.url,
    CURL_CA_BUNDLE: caFile,
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: Buffer.alloc(32, 9).toString('base64'),
    BROWSER: '/bin/true',
  };
  const template = join(root, 'template');
  mkdirSync(template);
  const browser = createBrowser(services);

  const follow = async (script: string, home: string): Promise<RunResult> => {
    writeFileSync(join(root, 'page.sh'), script);
    const person = browser.person();
    const result = await runInTerminal([join(root, 'page.sh')], {
      ...{ home, env, caFile, program: ['bash'] },
      watch: ({ stdout }) => stdout?.on('data', (part) => person.look(String(part))),
    });
    await person.done();
    return result;
  };
  SECRETS.forEach((secret, at) => {
    const name = at === 0 ? 'secret.txt' : 'new-secret.txt';
    writeFileSync(join(template, name), `${secret}\n`, { mode: 0o600 });
  });
  const made = await follow(profileScript(), template);
  if (made.code !== 0) throw new Error(made.err);
  let count = 0;
  return {
    follow: (script) => {
      const home = join(root, `home-${++count}`);
      cpSync(template, home, { recursive: true });
      return follow(script, home);
    },
    close: async () => {
      await browser.close();
      await services.close();
      rmSync(root, { recursive: true });
    },
  };
}

function profileScript(): string {
  const lines = Object.entries(PROFILES).map(([name, options]) =>
    ['tokencli config create --name', name, '--tenant-id', TENANT, ...options].join(' '),
  );
  return ['set -e', ...lines].join('\n');
}

/** The browser is started when somebody first signs in. */
function createBrowser({ idp }: Services) {
  let chromium: Promise<Chromium> | undefined;
  const start = () => {
    const port = Number(new URL(idp.origin).port);
    return startChromium(Object.fromEntries(HOSTS.signIn.map((host) => [host, port])));
  };
  const signIn = async (link: string, code?: string) => {
    chromium ??= start();
    const person = await (await chromium).person();
    if (code === undefined) await person.visit(link);
    else await person.enterDeviceCode(link, code);
    await person.enter(PERSON);
    if (link.includes('adminconsent')) await person.press('accept');
    await person.see(/signed in|close this/i);
    await person.leave();
  };
  return {
    /** Watches a terminal, and does what it asks for. */
    person: () => {
      let shown = '';
      const visits = new Map<string, Promise<void>>();
      const visit = (link: string, code?: string) => {
        const key = code ?? link;
        if (!visits.has(key)) visits.set(key, signIn(link, code));
      };
      return {
        look: (part: string) => {
          shown += part;
          for (const [, link = ''] of shown.matchAll(LINK)) visit(link);
          const [, link, code] = DEVICE.exec(shown) ?? [];
          if (link !== undefined) visit(link, code);
        },
        done: () => Promise.all(visits.values()),
      };
    },
    close: async () => (await chromium)?.close(),
  };
}
