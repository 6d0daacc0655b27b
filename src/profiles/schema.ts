import * as z from 'zod';
import { FLOW_NAMES } from '../core/flow-names.ts';
import { PROFILE_NAME } from '../core/profile-name.ts';
import { GUID, SHARED_TENANTS } from '../core/tenant.ts';

export const SCHEMA_VERSION = 1;
export const SCHEMA_URL = 'urn:tokencli:profiles:1';

const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const TENANT = new RegExp(
  `^(?:${GUID.source}|${SHARED_TENANTS.map(anyCase).join('|')}|(?=.{1,253}$)${LABEL}(?:\\.${LABEL})+)$`,
);
const FLOW = new RegExp(`^(?:${FLOW_NAMES.map(anyCaseOrKebab).join('|')})$`);

const text = z
  .string()
  .min(1)
  .max(2048)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is refused
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not hold control characters');

const httpsUrl = text
  .regex(
    /^https:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/,
    'must be an https URL without user, query or fragment',
  )
  .refine((url) => URL.canParse(url), 'must be an https URL without user, query or fragment');

const redirectUrl = text.refine(isRedirectUrl, 'must be a URL without a fragment');

const credential = z
  .looseObject({
    id: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')
      .describe('The random id under which the secret store keeps the value.'),
    kind: z.enum(['clientSecret', 'certificate', 'certificatePassword']),
    store: z.enum(['keyring', 'file']).describe('The store that holds it.'),
    expiresOn: z.iso
      .datetime({ error: 'must be a UTC time such as 2030-01-31T00:00:00Z' })
      .optional()
      .describe("When it ends, if known: a certificate's end, a recorded end date."),
  })
  .describe('Where a secret is kept; never the secret itself.');

export const profileSchema = z
  .looseObject({
    name: z
      .string()
      .regex(
        PROFILE_NAME,
        'must be letters, digits, dots, underscores and hyphens, at most 64, beginning with a letter or digit',
      )
      .describe('Unique without regard to case.'),
    clientId: text.max(256).describe('The application (client) id.'),
    tenantId: text
      .regex(TENANT, 'must be a GUID, a domain, common, organizations or consumers')
      .optional()
      .describe('A GUID, a domain, common, organizations or consumers.'),
    scope: text.optional().describe('Scopes as one text, separated by spaces or commas.'),
    scopes: z.array(text).max(50).optional().describe('Scopes as a list.'),
    flow: z
      .string()
      .regex(FLOW, `must be one of ${FLOW_NAMES.join(', ')}`)
      .optional()
      .meta({ description: 'The flow to use; any case, kebab-case too.', examples: FLOW_NAMES }),
    cloud: z.enum(['public', 'usgov', 'china']).optional().describe('The Microsoft cloud.'),
    authority: httpsUrl
      .optional()
      .describe('Another authority than the cloud: the origin, or the full URL of the issuer.'),
    protocol: z
      .enum(['entra', 'oidc'])
      .optional()
      .describe('What kind of authority it is: Entra-shaped (default), or any OpenID issuer.'),
    redirectUri: redirectUrl.optional().describe('The registered redirect URI.'),
    useCertificate: z.boolean().optional().describe('Prefer the certificate to a client secret.'),
    certificatePath: text.optional().describe('A PFX or PEM file, read when it is used.'),
    sendX5c: z.boolean().optional().describe('Send the certificate chain with the assertion.'),
    thumbprint: z
      .enum(['sha256', 'sha1'])
      .optional()
      .describe('The thumbprint of the assertion: sha256 with PS256 (default), sha1 with RS256.'),
    loginHint: text.optional().describe('The account to sign in with.'),
    clientCapabilities: z
      .array(z.enum(['cp1', 'CP1']))
      .max(8)
      .optional()
      .describe(
        'What callers can handle: cp1 is claims challenges (continuous access evaluation).',
      ),
    browserCommand: z
      .array(text)
      .min(1)
      .max(32)
      .optional()
      .describe('The program that opens the browser, and its arguments; no shell.'),
    caFile: text.optional().describe('A PEM file of further certificate authorities.'),
    credentials: z
      .array(credential)
      .max(8)
      .optional()
      .describe('Where the secrets are kept; the newest of a kind is the last.'),
  })
  .describe('A profile. Unknown fields are kept.');

/** Everything of the file but the profiles, which are looked at one by one. */
const fileHead = {
  $schema: z.string().optional(),
  schemaVersion: z.literal(SCHEMA_VERSION).optional(),
  default: z.string().optional().describe('The profile that is used when none is named.'),
  store: z
    .enum(['keyring', 'file'])
    .optional()
    .describe('Where secrets are kept; TOKENCLI_STORE overrides it.'),
};

export const fileHeadSchema = z.looseObject({ ...fileHead, profiles: z.array(z.unknown()) });

export const profilesFileSchema = z
  .looseObject({ ...fileHead, profiles: z.array(profileSchema).max(100_000) })
  .describe('The profiles of tokencli.');

/** A profile as it stands in the file, unknown fields included. */
export type Profile = z.infer<typeof profileSchema>;
export type CredentialRef = z.infer<typeof credential>;

export function isTenant(value: string): boolean {
  return TENANT.test(value);
}

function isRedirectUrl(value: string): boolean {
  return URL.canParse(value) && new URL(value).hash === '';
}

function anyCase(word: string): string {
  return word.replace(/[a-z]/gi, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);
}

function anyCaseOrKebab(name: string): string {
  return name
    .split(/(?<=[a-z])(?=[A-Z])/)
    .map(anyCase)
    .join('-?');
}
