import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../support/built-cli.ts';
import { type Chromium, startChromium } from '../support/chromium.ts';
import { runCli } from '../support/run-cli.ts';
import { HOSTS, PERSON, PROFILES, SECRETS, TENANT } from './names.ts';
import { startServices } from './services.ts';

/** What somebody has who reads the pages: the program, the names in them, and a browser. */
export interface World {
  /** The environment of a shell, apart from HOME. */
  readonly env: Readonly<Record<string, string>>;
  /** A folder for anything. */
  readonly root: string;
  /** A new home with the profiles that the pages name. */
  home(): string;
  /** Opens a link in the browser and signs in. @param code for the page of another device */
  signIn(link: string, code?: string): Promise<void>;
  close(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const [executable = ''] = await program('executable');
  const services = await startServices();
  const root = mkdtempSync(join(tmpdir(), 'tokencli-docs-'));
  const caFile = join(root, 'ca.pem');
  writeFileSync(caFile, services.tls.caPem);
  mkdirSync(join(root, 'bin'));
  symlinkSync(executable, join(root, 'bin', 'tokencli'));
  const env = {
    PATH: `${join(root, 'bin')}:${process.env['PATH']}`,
    HTTPS_PROXY: services.proxy.url,
    NODE_EXTRA_CA_CERTS: caFile,
    CURL_CA_BUNDLE: caFile,
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: Buffer.alloc(32, 9).toString('base64'),
    BROWSER: '/bin/true',
  };
  const template = join(root, 'template');
  mkdirSync(template);
  ['secret.txt', 'new-secret.txt'].forEach((name, at) => {
    writeFileSync(join(template, name), `${SECRETS[at]}\n`, { mode: 0o600 });
  });
  // the default, port 8080, may be somebody else's here
  const registered = ['--redirect-uri', `http://localhost:${await findFreePort()}`];
  for (const [name, options] of Object.entries(PROFILES)) {
    const own = name === 'web' ? [...options, ...registered] : options;
    const args = ['config', 'create', '--name', name, '--tenant-id', TENANT, ...own];
    const { code, err } = await runCli(args, { home: template, env });
    if (code !== 0) throw new Error(err);
  }
  const browser = createBrowser(Number(new URL(services.idp.origin).port));
  let count = 0;
  return {
    env,
    root,
    home: () => {
      const home = join(root, `home-${++count}`);
      cpSync(template, home, { recursive: true });
      return home;
    },
    signIn: browser.signIn,
    close: async () => {
      await browser.close();
      await services.close();
      rmSync(root, { recursive: true });
    },
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The browser is started when somebody first signs in. */
function createBrowser(port: number) {
  let chromium: Promise<Chromium> | undefined;
  return {
    signIn: async (link: string, code?: string) => {
      chromium ??= startChromium(Object.fromEntries(HOSTS.signIn.map((host) => [host, port])));
      const person = await (await chromium).person();
      if (code === undefined) await person.visit(link);
      else await person.enterDeviceCode(link, code);
      await person.enter(PERSON);
      if (link.includes('adminconsent')) await person.press('accept');
      await person.see(/signed in|close this/i);
      await person.leave();
    },
    close: async () => (await chromium)?.close(),
  };
}
