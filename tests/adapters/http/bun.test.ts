import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Env } from '../../../src/core/ports.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/connect-proxy.ts';
import { type FakeIdp, startFakeIdp } from '../../support/fake-idp.ts';
import { createTestCa, createTestChain } from '../../support/tls.ts';

const PROBE = join(import.meta.dirname, '../../support/http-probe.mjs');
const BUN = join(
  import.meta.dirname,
  `../../../node_modules/@oven/bun-${process.platform}-${process.arch}/bin/bun`,
);
const tls = createTestCa();
const SWITCHING = {
  raw: 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
};
const LOGIN = 'us@er:100%:w/d';
let folder: string;
let caFile: string;
let idp: FakeIdp;
let proxy: ConnectProxy;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-bun-'));
  caFile = write('ca.pem', tls.caPem);
  idp = await startFakeIdp({ tls });
  proxy = await startConnectProxy({ target: idp.port, login: LOGIN });
});

afterAll(async () => {
  await proxy.close();
  await idp.close();
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Asked {
  readonly url?: string;
  readonly caFile?: string;
  readonly env?: Env;
  readonly seconds?: number;
}

interface Ended {
  readonly status?: number;
  readonly failed?: string;
  readonly milliseconds: number;
}

/** @param env of the Bun process itself */
async function askInBun(asked: Asked, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { NODE_EXTRA_CA_CERTS: _, ...own } = process.env;
  const output = await new Promise<string>((resolve, reject) => {
    const child = execFile(BUN, [PROBE], { env: { ...own, ...env } }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr, { cause: error })) : resolve(stdout),
    );
    child.stdin?.end(JSON.stringify([{ url: `${idp.origin}/t/oauth2/v2.0/token`, ...asked }]));
  });
  return JSON.parse(output);
}

const through = (login = '') => ({ HTTPS_PROXY: proxy.url.replace('//', `//${login}`) });

it('is really Bun that runs', () => {
  const { stdout } = spawnSync(BUN, ['--version'], { encoding: 'utf8' });
  expect(stdout).toMatch(/^1\.\d+\.\d+\n$/);
});

describe('in Bun, as in Node,', () => {
  it('caFile is trusted', async () => {
    const reflowed = write('reflowed.pem', tls.caPem.replaceAll('\n', '\n\n  '));
    for (const file of [caFile, reflowed]) {
      expect(await askInBun({ caFile: file })).toMatchObject({ status: 200 });
    }
  });

  it('NODE_EXTRA_CA_CERTS is trusted, alone and beside caFile', async () => {
    const env = { NODE_EXTRA_CA_CERTS: caFile };
    expect(await askInBun({}, env)).toMatchObject({ status: 200 });
    const marked = { NODE_EXTRA_CA_CERTS: write('marked.pem', `\ufeff${tls.caPem}`) };
    expect(await askInBun({}, marked)).toMatchObject({ status: 200 });
    const other = write('other.pem', createTestCa().caPem);
    expect(await askInBun({ caFile: other }, env)).toMatchObject({ status: 200 });
  });

  it('an issuing authority alone is enough in caFile', async () => {
    const chain = createTestChain(false);
    const server = await startFakeIdp({ tls: chain });
    const url = `${server.origin}/t/oauth2/v2.0/token`;
    const issuing = write('issuing.pem', chain.issuingPem);
    expect(await askInBun({ url, caFile: issuing })).toMatchObject({ status: 200 });
    const root = write('root.pem', chain.caPem);
    const { failed } = await askInBun({ url, caFile: root });
    expect(failed).toContain(`an unknown authority (${chain.issuingName})`);
    await server.close();
  });

  it('an unknown authority is refused', async () => {
    const seen = idp.seen.length;
    const { failed } = await askInBun({});
    expect(failed).toContain("the server's certificate comes from an unknown authority");
    expect(idp.seen).toHaveLength(seen);
  });

  it('a proxy is asked, with user name and password', async () => {
    const before = proxy.asked.length;
    const env = through('us%40er:100%:w%2Fd@');
    expect(await askInBun({ caFile, env })).toMatchObject({ status: 200 });
    expect(proxy.asked.slice(before)).toEqual([`localhost:${idp.port}`]);
    const { failed } = await askInBun({ caFile, env: through() });
    expect(failed).toContain('asks for a user name and password');
  });

  it('NO_PROXY leads past it', async () => {
    const before = proxy.asked.length;
    const env = { ...through(), NO_PROXY: 'localhost, 127.0.0.0/8' };
    expect(await askInBun({ caFile, env })).toMatchObject({ status: 200 });
    const url = `https://127.0.0.1:${idp.port}/t/oauth2/v2.0/token`;
    expect(await askInBun({ url, caFile, env })).toMatchObject({ status: 200 });
    expect(proxy.asked).toHaveLength(before);
  });

  it('the time limit ends a request', async () => {
    idp.script.push('hang');
    const { failed, milliseconds } = await askInBun({ caFile, seconds: 1 });
    expect(failed).toBe('no result within 1s');
    expect(milliseconds).toBeLessThan(4000);
  });

  it.each([
    ['a truncated answer', 'truncated', 'the connection was reset'],
    ['too large an answer', 'oversized', 'larger than 1 MiB'],
    ['a change of protocol', SWITCHING, 'the connection ended without an answer'],
    ['another protocol', { raw: 'SSH-2.0-OpenSSH_9.2\r\n' }, 'does not answer in HTTP'],
    ['too long headers', { status: 200, headers: { x: 'a'.repeat(40_000) } }, '32 KiB of headers'],
  ] as const)('%s is a failure', async (_name, behaviour, reason) => {
    idp.script.push(behaviour);
    expect((await askInBun({ caFile })).failed).toContain(reason);
  });

  it('nobody listens', async () => {
    const server = await startFakeIdp({ tls });
    await server.close();
    const { failed } = await askInBun({ url: server.origin, caFile });
    expect(failed).toContain('the connection was refused (TCP)');
  });
});
