import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { appId } from './app-id.ts';
import { type Chromium, type Person, startChromium } from './chromium.ts';
import { type SignInStage, setSignInStage } from './sign-in-stage.ts';
import type { StandInOptions } from './stand-in/options.ts';
import { type StandIn, startStandIn } from './stand-in/stand-in.ts';
import { createTestCa, type TestCa } from './tls.ts';

/** A tenant for the file; a home, with a profile `me` in it, and a browser for each test. */
export interface SignInWorld {
  readonly tls: TestCa;
  readonly idp: StandIn;
  readonly stage: SignInStage;
  readonly person: Person;
  /** Writes the profile anew. */
  writeProfile(more: object): void;
  /** Grant types of the token requests of this test. */
  grants(): readonly string[];
  /** The newest token, as stdout has it. */
  latest(): string;
}

export const ADA = { username: 'ada@example.test', password: 'p&ss "word" of 1815' };
export const BOB = { username: 'bob@example.test', password: 'bob’s' };
export const GET = ['get-token', '-p', 'me'];
export const READ = 'https://graph.microsoft.com/User.Read';

/** @param options of the stand-in, beside two people and a public client `desktop` */
export function createSignInWorld(options: Partial<StandInOptions> = {}): SignInWorld {
  const tls = createTestCa();
  let idp: StandIn;
  let chromium: Chromium;
  let stage: SignInStage;
  let person: Person;
  let before = 0;

  const writeProfile = (more: object) => {
    const profile = {
      name: 'me',
      clientId: appId('desktop'),
      tenantId: idp.tenant,
      authority: idp.origin,
      caFile: stage.caFile,
      flow: 'InteractiveBrowser',
      scopes: [READ],
      ...more,
    };
    stage.writeProfiles({ schemaVersion: 1, profiles: [profile] });
  };
  beforeAll(async () => {
    const clients = [{ id: appId('desktop'), redirectUris: ['http://localhost'] }];
    idp = await startStandIn({ tls, clients, users: [ADA, BOB], ...options });
    chromium = await startChromium();
  });
  afterAll(async () => {
    await chromium.close();
    await idp.close();
  });
  beforeEach(async () => {
    before = idp.tokenRequests().length;
    stage = setSignInStage(tls);
    writeProfile({});
    person = await chromium.person();
  });
  afterEach(async () => {
    await person.leave();
    stage.remove();
  });
  return {
    tls,
    get idp() {
      return idp;
    },
    get stage() {
      return stage;
    },
    get person() {
      return person;
    },
    writeProfile,
    grants: () =>
      idp
        .tokenRequests()
        .slice(before)
        .map(({ params }) => params['grant_type'] ?? ''),
    latest: () => `${idp.issued.at(-1)}\n`,
  };
}
