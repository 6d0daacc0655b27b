import * as z from 'zod/mini';
import { CLIENT_ID_RULES, isClientId } from '../core/client-id.ts';
import { CLOUDS } from '../core/clouds.ts';
import { readDuration } from '../core/duration.ts';
import { FLOW_NAMES, PROMPTS } from '../core/flow-names.ts';
import { NAME_RULES, PROFILE_NAME, SCHEMA_VERSION } from '../core/names.ts';
import { isRedirectUri } from '../core/redirect-uri.ts';
import { anyCase, TENANT, WHOLE_GUID } from '../core/tenant.ts';
import {
  described,
  line,
  oneReference,
  optional,
  referenceFields,
  TWO_REFERENCES,
} from './reference-schema.ts';

const FLOW = new RegExp(`^(?:${FLOW_NAMES.map(anyCaseOrKebab).join('|')})$`);

const text = line.check(z.minLength(1));

const NO_HTTPS_URL = 'must be an https URL without user, query or fragment';
const httpsUrl = text.check(
  z.regex(/^https:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/, NO_HTTPS_URL),
  z.refine((url) => URL.canParse(url), NO_HTTPS_URL),
);

const NO_DURATION = 'must be a duration such as 90s, 10m or 1h';

const redirectUrl = text.check(z.refine(isRedirectUri, 'must be a URL without a fragment'));

export const credentialSchema = z.looseObject({
  id: described(
    z.string().check(z.regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')),
    'The random id under which the secret store keeps the value.',
  ),
  kind: z.enum(['clientSecret', 'certificate', 'certificatePassword']),
  store: described(z.enum(['keyring', 'file']), 'The store that holds it.'),
  expiresOn: optional(
    z.iso.datetime({ error: 'must be a UTC time such as 2030-01-31T00:00:00Z' }),
    "When it ends, if known: a certificate's end, a recorded end date.",
  ),
});
described(credentialSchema, 'Where a secret is kept; never the secret itself.');

/** The fields of a profile, each by itself. */
export const profileFields = {
  name: described(
    z.string().check(z.regex(PROFILE_NAME, `must be ${NAME_RULES}`)),
    'Unique without regard to case.',
  ),
  clientId: described(
    z.string().check(z.minLength(1), z.maxLength(256)),
    'The application (client) id: a GUID, or for oidc any printable text without blanks.',
  ),
  tenantId: optional(
    text.check(z.regex(TENANT, 'must be a GUID, a domain, common, organizations or consumers')),
    'A GUID, a domain, common, organizations or consumers.',
  ),
  scope: optional(text, 'Scopes as one text, separated by spaces or commas.'),
  scopes: optional(z.array(text).check(z.maxLength(50)), 'Scopes as a list.'),
  flow: optional(
    z.string().check(z.regex(FLOW, `must be one of ${FLOW_NAMES.join(', ')}`)),
    'The flow to use; any case, kebab-case too.',
    FLOW_NAMES,
  ),
  cloud: optional(z.enum(CLOUDS), 'The Microsoft cloud.'),
  authority: optional(
    httpsUrl,
    'Another authority than the cloud: the origin, or the full URL of the issuer.',
  ),
  issuer: optional(
    httpsUrl,
    'The issuer to the letter, where it is not the authority: custom URL domains, B2C.',
  ),
  protocol: optional(
    z.enum(['entra', 'oidc']),
    'What kind of authority it is: Entra-shaped (default), or any OpenID issuer.',
  ),
  redirectUri: optional(redirectUrl, 'The registered redirect URI.'),
  useCertificate: optional(z.boolean(), 'Prefer the certificate to a client secret.'),
  certificatePath: optional(text, 'A PFX or PEM file, read when it is used.'),
  ...referenceFields,
  sendX5c: optional(z.boolean(), 'Send the certificate chain with the assertion.'),
  thumbprint: optional(
    z.enum(['sha256', 'sha1']),
    'The thumbprint of the assertion: sha256 with PS256 (default), sha1 with RS256.',
  ),
  loginHint: optional(text, 'The account to sign in with.'),
  prompt: optional(
    z.enum(PROMPTS),
    'What the sign-in page asks for; default sends no prompt at all.',
  ),
  minTtl: optional(
    z.string().check(
      z.regex(/^\d{1,7}[smh]?$/, NO_DURATION),
      z.refine((value) => readDuration(value) !== undefined, NO_DURATION),
    ),
    'A cached token with less life left is not handed out, unless --min-ttl says otherwise.',
    ['10m'],
  ),
  clientCapabilities: optional(
    z.array(z.enum(['cp1', 'CP1'])).check(z.maxLength(8)),
    'What callers can handle: cp1 is claims challenges (continuous access evaluation).',
  ),
  browserCommand: optional(
    z.array(text).check(z.minLength(1), z.maxLength(32)),
    'The program that opens the browser, and its arguments; no shell.',
  ),
  caFile: optional(text, 'A PEM file of further certificate authorities.'),
  credentials: optional(
    z.array(credentialSchema).check(z.maxLength(8)),
    'Where the secrets are kept; the newest of a kind is the last.',
  ),
};

type Ids = { readonly clientId: string; readonly protocol?: 'entra' | 'oidc' | undefined };

/** What a client id is depends on the protocol. Checked even if other fields have problems. */
export const clientIdFits = z.refine<Ids>((profile) => hasClientId(profile), {
  path: ['clientId'],
  when: ({ value }) => typeof value === 'object' && value !== null,
  error: ({ input }) => CLIENT_ID_RULES[(input as Ids).protocol === 'oidc' ? 'oidc' : 'entra'],
});

export const profileSchema = z.looseObject(profileFields).check(clientIdFits, oneReference);
z.globalRegistry.add(profileSchema, {
  description: 'A profile. Unknown fields are kept.',
  if: { properties: { protocol: { const: 'oidc' } }, required: ['protocol'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { properties: { clientId: { pattern: '^\\S+$' } } },
  else: { properties: { clientId: { pattern: WHOLE_GUID.source } } },
  not: { anyOf: TWO_REFERENCES },
});

/** The fields of the file apart from the profiles, which are validated one by one. */
const fileHead = {
  $schema: z.optional(z.string()),
  schemaVersion: z.optional(z.literal(SCHEMA_VERSION)),
  default: optional(z.string(), 'The profile that is used when none is named.'),
  store: optional(
    z.enum(['keyring', 'file']),
    'Where secrets are kept; TOKENCLI_STORE overrides it.',
  ),
};

export const fileHeadSchema = z.looseObject({ ...fileHead, profiles: z.array(z.unknown()) });

export const profilesFileSchema = z.looseObject({
  ...fileHead,
  profiles: z.array(profileSchema).check(z.maxLength(100_000)),
});
described(profilesFileSchema, 'The profiles of tokencli.');

/** A profile as it is in the file, including unknown fields. */
export type Profile = z.infer<typeof profileSchema>;
export type CredentialRef = z.infer<typeof credentialSchema>;

/** Also true for what is no text, or empty, because the rule of the field itself reports that. */
function hasClientId({ clientId, protocol }: Ids): boolean {
  return typeof clientId !== 'string' || clientId === '' || isClientId(clientId, protocol);
}

function anyCaseOrKebab(name: string): string {
  return name
    .split(/(?<=[a-z])(?=[A-Z])/)
    .map(anyCase)
    .join('-?');
}
