import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { type Stage, setStage } from '../support/stage.ts';

const SECRET = 'kQ8/x~Zr+u2=Vb!7mWd&tYp4';
/** A secret of which that much is shown is a secret no more. */
const PIECES = Array.from({ length: SECRET.length - 5 }, (_, at) => SECRET.slice(at, at + 6));
const TOKEN = { access_token: 'at.given', token_type: 'Bearer', expires_in: 3600 };
const GET = ['get-token', '-p', 'app', '--no-cache', '--silent'];

let stage: Stage;
let idp: FakeIdp;

beforeAll(async () => {
  stage = setStage({ TOKENCLI_CLIENT_SECRET: SECRET });
  idp = await startFakeIdp({ tls: stage.tls });
  const profile = {
    name: 'app',
    clientId: appId('app'),
    tenantId: '11111111-1111-4111-8111-111111111111',
    authority: idp.origin,
    caFile: stage.caFile,
    scopes: ['api://one/.default'],
  };
  stage.writeProfiles({ schemaVersion: 1, profiles: [profile] });
});
afterAll(async () => {
  await idp?.close();
  stage?.remove();
});

describe('a server that throws the secret back behind a long text', () => {
  const after = (length: number) => `${'x'.repeat(length)} ${SECRET}`;
  it.each<[string, number, (text: string) => object]>([
    ['error_description', 401, (text) => ({ error: 'no', error_description: text })],
    ['error', 401, (error) => ({ error })],
    ['correlation_id', 401, (text) => ({ error: 'no', correlation_id: text, trace_id: text })],
    ['timestamp', 401, (timestamp) => ({ error: 'no', timestamp })],
    ['scope', 200, (text) => ({ ...TOKEN, scope: `https://other/${text}` })],
  ])('%s', async (_, status, bodyOf) => {
    for (const length of [80, 285, 1940]) {
      for (const more of [[], ['--json'], ['--debug']]) {
        idp.script.push({ status, body: bodyOf(after(length)) });
        const { code, out, err } = await stage.run([...GET, ...more]);
        expect([code, out]).toEqual([status === 200 ? 8 : 4, '']);
        expect(PIECES.filter((piece) => err.includes(piece))).toEqual([]);
      }
    }
  });
});

describe('a good answer in another dress', () => {
  it.each<[string, string]>([
    ['a byte order mark', `\ufeff${JSON.stringify(TOKEN)}`],
    ['error is null', JSON.stringify({ ...TOKEN, error: null, error_description: null })],
    ['error is empty', JSON.stringify({ ...TOKEN, error: '' })],
  ])('%s', async (_, body) => {
    idp.script.push({ status: 200, body });
    expect(await stage.run(GET)).toMatchObject({ code: 0, out: 'at.given\n' });
  });

  it('but not one that names an error', async () => {
    idp.script.push({ status: 200, body: { ...TOKEN, error: 'invalid_client' } });
    expect(await stage.run(GET)).toMatchObject({ code: 4, out: '' });
  });
});
