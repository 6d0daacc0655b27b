import * as z from 'zod';
import { FLOW_NAMES, parseFlowName } from '../core/flow-names.ts';

export const SCHEMA_VERSION = 1;
export const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/i;
const SHARED_TENANTS = ['common', 'organizations', 'consumers'];
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is refused
const text = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'control characters');
const httpsUrl = text.refine(isHttpsUrl, 'must be an https URL without user, query or fragment');

const credential = z.looseObject({
  id: z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits'),
  kind: z.enum(['clientSecret', 'certificate', 'certificatePassword']),
  store: z.enum(['keyring', 'file']),
  /** When the credential itself ends, if known: a certificate's notAfter, a recorded end date. */
  expiresOn: z.iso.datetime().optional(),
});

export const profileSchema = z.looseObject({
  name: z.string().regex(PROFILE_NAME, 'letters, digits, dot, underscore, hyphen; at most 64'),
  clientId: text.max(256),
  tenantId: text
    .refine(isTenant, 'must be a GUID, a domain, common, organizations or consumers')
    .optional(),
  scope: text.optional(),
  scopes: z.array(text).max(50).optional(),
  flow: z
    .string()
    .refine((name) => parseFlowName(name), `must be one of ${FLOW_NAMES.join(', ')}`)
    .optional(),
  cloud: z.enum(['public', 'usgov', 'china']).optional(),
  authority: httpsUrl.optional(),
  protocol: z.enum(['entra', 'oidc']).optional(),
  redirectUri: text.optional(),
  useCertificate: z.boolean().optional(),
  certificatePath: text.optional(),
  sendX5c: z.boolean().optional(),
  thumbprint: z.enum(['sha256', 'sha1']).optional(),
  loginHint: text.optional(),
  browserCommand: z.array(text).min(1).max(32).optional(),
  caFile: text.optional(),
  credentials: z.array(credential).max(8).optional(),
});

export const profilesFileSchema = z.looseObject({
  $schema: z.string().optional(),
  schemaVersion: z.literal(SCHEMA_VERSION).optional(),
  /** The name of the profile that is used when none is named. */
  default: z.string().optional(),
  /** Where secrets are kept; `TOKENCLI_STORE` overrides it. */
  store: z.enum(['keyring', 'file']).optional(),
  profiles: z.array(profileSchema).max(100_000),
});

/** A profile as it stands in the file, unknown fields included. */
export type Profile = z.infer<typeof profileSchema>;
export type CredentialRef = z.infer<typeof credential>;

export function isTenant(value: string): boolean {
  return GUID.test(value) || DOMAIN.test(value) || isSharedTenant(value);
}

export function isSharedTenant(value: string): boolean {
  return SHARED_TENANTS.includes(value.toLowerCase());
}

function isHttpsUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return protocol === 'https:' && !username && !password && !search && !hash;
}
