import { CLOUDS, hostOf } from '../../core/clouds.ts';
import { CliError } from '../../core/errors.ts';
import { isObject } from '../../core/json.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import { isGuid, isSharedTenant } from '../../core/tenant.ts';
import { withoutLineEnd } from '../../core/text.ts';
import { RESOURCES } from '../../entra/resources.ts';
import {
  type CarriedSecret,
  checkTransfer,
  type Transfer,
  uncheckedProfile,
} from '../../profiles/transfer.ts';
import { otherAuthority, ourName } from '../../profiles/transfer-entra-auth-cli.ts';
import { parseTransferJson } from '../../profiles/transfer-json.ts';
import { refuseContent, TYPED_FILE } from '../credentials/certificate-file.ts';
import { refuseNoSecret } from '../secrets/secret-flaw.ts';

/** What `az ad sp create-for-rbac` prints: with `--json-auth` (`--sdk-auth`), then without. */
const DIALECTS = {
  clientId: ['clientId', 'appId'],
  tenantId: ['tenantId', 'tenant'],
  secret: ['clientSecret', 'password'],
  certificate: ['clientCertificate', 'fileWithCertAndPrivateKey'],
  name: ['displayName', 'name'],
  authority: ['activeDirectoryEndpointUrl'],
  arm: ['resourceManagerEndpointUrl'],
} as const;

const DEFAULT_NAME = 'azure';
const LONGEST_NAME = 64;

/**
 * The profile of a service principal that `az` has made. What else it prints (subscription, further
 * endpoints) has no place in one.
 * @param file its name for messages, which hold nothing of its content
 * @throws CliError invalid_data
 */
export function readSdkAuth(app: App, bytes: Uint8Array, file: string, name?: string): Transfer {
  const refuse = (what: string, hint = 'nothing was imported') =>
    new CliError('invalid_data', `${file} ${what}`, { hint });
  const content = parseTransferJson(bytes, file);
  const get = (field: keyof typeof DIALECTS) => {
    const names = DIALECTS[field].filter((each) => isObject(content) && stated(content[each]));
    const [first, second] = names.map((each) => (content as Record<string, unknown>)[each]);
    if (names.length === 0) return undefined;
    if (typeof first !== 'string') throw refuse(`has a field '${names[0]}' that is no text`);
    // `displayName` and `name` may differ, since they mean different things
    if (second === undefined || second === first || field === 'name') return first;
    throw refuse(`has two values: ${names.join(' and ')} differ`);
  };
  const [clientId, tenantId] = [get('clientId'), get('tenantId')];
  if (clientId === undefined || tenantId === undefined) {
    throw refuse('is not what az ad sp create-for-rbac prints', 'keep that: az … > FILE');
  }
  if (isSharedTenant(tenantId)) {
    const what = `names the tenant '${tenantId}', in which an application cannot sign in`;
    throw refuse(what, 'put the id of your tenant there');
  }
  const secret = withoutLineEnd(get('secret') ?? '') || undefined;
  const certificate = get('certificate');
  if (secret !== undefined) app.log.registerSecret(secret);
  if (secret !== undefined && certificate !== undefined) {
    throw refuse('holds a secret and names a certificate', 'leave one of the two out of it');
  }
  try {
    if (secret !== undefined) refuseNoSecret(secret, 'the client secret');
    if (certificate !== undefined) refuseContent(certificate, TYPED_FILE);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw refuse(`is of no use: ${error.message}`, error.details.hint);
  }
  const service = serviceOf(get('authority'), get('arm'));
  if (service === undefined) {
    const what = 'names a Resource Manager of no cloud that is known here';
    throw refuse(what, `put the sign-in endpoint of that cloud there: ${DIALECTS.authority[0]}`);
  }
  const profile = uncheckedProfile({
    name: name ?? nameOf(get('name')),
    clientId,
    tenantId,
    ...service,
    ...(certificate !== undefined && {
      useCertificate: true,
      certificatePath: resolveUserPath(app, certificate),
    }),
  });
  const secrets: CarriedSecret[] =
    secret === undefined ? [] : [{ kind: 'clientSecret', value: secret }];
  if (secret === undefined && certificate === undefined) secrets.push({ kind: 'certificate' });
  return checkTransfer({ profiles: [{ profile, secrets }] }, file);
}

/** `password` is null where there is a certificate. */
function stated(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** Older versions of az name it `http://azure-cli-2019-01-01`. */
function nameOf(theirs: string | undefined): string {
  const name = ourName(theirs?.replace(/^https?:\/\//, '') ?? '').slice(0, LONGEST_NAME);
  return name === '' || isGuid(name) ? DEFAULT_NAME : name;
}

/**
 * The sign-in endpoint, else the cloud whose Resource Manager is named; undefined if that is of no
 * known cloud.
 */
function serviceOf(authority: string | undefined, arm: string | undefined): object | undefined {
  if (authority !== undefined) return otherAuthority(authority);
  if (arm === undefined) return {};
  const uris = RESOURCES.find(({ name }) => name === 'arm')?.uris ?? {};
  const cloud = CLOUDS.find((each) => hostOf(uris[each]) === hostOf(arm));
  return cloud && (cloud === 'public' ? {} : { cloud });
}
