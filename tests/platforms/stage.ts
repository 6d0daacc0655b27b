import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { type CertificateWorkshop, createCertificateWorkshop } from '../support/certificates.ts';
import { type KeyringSession, startKeyringSession } from '../support/keyring-session.ts';
import { ADA } from '../support/sign-in-world.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';
import { PFX_PASSWORD, SECRET } from './commands.ts';
import { type Machine, openMachine } from './machines.ts';
import { createWorld, type World } from './world.ts';

/** The machine that `scripts/test-platforms` names. */
export const NAME = process.env['TOKENCLI_TEST_PLATFORM'] ?? '';
/** Client ids: with a secret, with a certificate, for people. */
export const APPS = { secret: randomUUID(), certified: randomUUID(), people: randomUUID() };

/** An identity provider on this machine, and worlds that reach it over loopback. */
export function setPlatformStage() {
  const tls = createTestCa();
  const worlds: World[] = [];
  let workshop: CertificateWorkshop;
  let keyring: KeyringSession;
  let idp: StandIn;
  let there: World;

  const world = (machine: Machine): World => {
    const made = createWorld(machine, keyring.env);
    worlds.push(made);
    furnish(made, tls.caPem, workshop);
    return made;
  };
  beforeAll(async () => {
    workshop = createCertificateWorkshop();
    workshop.selfSigned('good');
    workshop.pfx('good', 'good', ['good'], ['-passout', `pass:${PFX_PASSWORD}`]);
    keyring = await startKeyringSession('unlocked');
    const clients = [
      { id: APPS.secret, secret: SECRET },
      { id: APPS.certified, certificate: workshop.text('good.crt') },
      { id: APPS.people, redirectUris: ['http://localhost'] },
    ];
    idp = await startStandIn({ tls, clients, users: [ADA] });
    there = world(await openMachine(NAME));
  }, 600_000);
  afterAll(async () => {
    await idp?.close();
    await keyring?.stop();
    for (const each of [...worlds, workshop]) each?.remove();
  });
  return {
    world,
    get idp() {
      return idp;
    },
    /** The world on the machine that is tried. */
    get there() {
      return there;
    },
  };
}

function furnish(world: World, caPem: string, workshop: CertificateWorkshop): void {
  const sixteen = (text: string) => Buffer.from(`\ufeff${text}\r\n`, 'utf16le');
  for (const name of ['ca.pem', '../ca.pem']) world.write(name, caPem);
  world.write('../secret.txt', SECRET);
  world.write('secret-16.txt', sixteen(SECRET));
  world.write('good.pfx', workshop.bytes('good.pfx'));
  world.write('good.pem', workshop.text('good.key') + workshop.text('good.crt'));
  world.write('ended.txt', `${madeToken(1_700_000_000)}\n`);
  world.write('ended-16.txt', sixteen(madeToken(1_700_000_000)));
  world.write('good.txt', madeToken(4_000_000_000));
  const variables = { CLIENT_ID: APPS.secret, TENANT_ID: 'contoso.example', CLIENT_SECRET: 'kept' };
  const lines = Object.entries(variables).map(([name, value]) => `AZURE_${name}="${value}"\r\n`);
  world.write('app.env', `\ufeff${lines.join('')}`);
  world.write('damaged/profiles.json', '{"profiles": [}');
  world.write('sixteen/profiles.json', sixteen('{"schemaVersion": 1, "profiles": []}'));
}

function madeToken(exp: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { aud: 'api://orders', iss: 'https://issuer.test', iat: exp - 3600, exp };
  const payload = part({ ...claims, name: 'Löwe 中', scp: 'Orders.Read' });
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${payload}.c2lnbmF0dXJl`;
}
