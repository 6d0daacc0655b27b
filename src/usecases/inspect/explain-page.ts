import type { Style } from '../../core/ports.ts';
import { isoDate } from '../../output/dates.ts';
import { page, type Row, timeRows } from '../../output/page.ts';
import type { Explanation } from './explain-token.ts';

const ACCESS = {
  delegated: 'Delegated access token: an app acts for a signed-in user',
  'app-only': 'App-only access token: an app acts as itself, without a user',
  'id-token': 'ID token: it says who signed in and is not for calling APIs',
  'refresh-token': 'Refresh token: it gets new tokens for its app, keep it like a password',
  unknown: 'Token of unknown kind: neither scopes nor roles',
} as const;

const CLOUDS: Readonly<Record<string, string>> = {
  public: 'public cloud',
  usgov: 'US government cloud',
  china: 'China cloud (21Vianet)',
  external: 'External ID',
};

/** The explanation as text. @param now seconds since the epoch */
export function explanationPage(explanation: Explanation, now: number, style?: Style): string {
  const { audience, app, clientAuthentication, tenantId, issuer, cloud } = explanation;
  const rows: Row[] = [
    ['For', ...audience.map(({ id, name }) => (name ? `${name} (${id})` : id))],
    ['May', ...permissions(explanation)],
    ['Who', ...subject(explanation)],
    [
      'Groups',
      explanation.groupOverage
        ? 'too many to be in the token (group overage): ask Microsoft Graph for memberOf'
        : undefined,
    ],
    [
      'App',
      app && listOf(app.name, app.id),
      clientAuthentication && `client authentication: ${clientAuthentication}`,
    ],
    ['Tenant', tenantId && listOf(tenantId, cloud && CLOUDS[cloud])],
    ['Issuer', issuer && (cloud ? `${issuer} (Microsoft Entra)` : issuer)],
    ['Version', explanation.version],
    ['Sign-in', ...signIn(explanation)],
    [
      'CAE',
      explanation.continuousAccessEvaluation
        ? 'yes (xms_cc cp1): it can be revoked before it expires'
        : 'no: the app does not say that it handles claims challenges (xms_cc)',
    ],
    ...timeRows(explanation, now),
    ['Signature', signature(explanation)],
  ];
  return page(ACCESS[explanation.access], rows, style);
}

/**
 * The explanation as JSON data: dates in ISO 8601, UTC; the expiry also in seconds since the epoch.
 */
export function explanationData(explanation: Explanation): Record<string, unknown> {
  return {
    ...explanation,
    issuedAt: isoDate(explanation.issuedAt),
    notBefore: isoDate(explanation.notBefore),
    expiresOn: isoDate(explanation.expiresOn),
    expiresOnEpoch: explanation.expiresOn,
  };
}

function permissions(explanation: Explanation): (string | undefined)[] {
  const { access, scopes, roles, directoryRoles } = explanation;
  const inDirectory = directoryRoles.map(({ id, name }) => name ?? id);
  const lines = [
    scopes.length > 0 ? `scopes: ${scopes.join(' ')}` : undefined,
    roles.length > 0 ? `roles: ${roles.join(' ')}` : undefined,
    inDirectory.length > 0 ? `directory roles: ${inDirectory.join(', ')}` : undefined,
  ];
  const isForAccess = access !== 'id-token' && access !== 'refresh-token';
  const nothing = isForAccess && scopes.length + roles.length === 0;
  return nothing ? ['nothing: neither scopes (scp) nor roles', ...lines] : lines;
}

function subject({ subject: found }: Explanation): (string | undefined)[] {
  const { kind, name, username, id, subject, resource } = found;
  const called = name ?? username;
  return [
    kind === 'unknown' ? called : [kind, called].filter(Boolean).join(' '),
    name === undefined || username === name ? undefined : username,
    id && `object id ${id}`,
    id === undefined && subject !== undefined ? `subject ${subject}` : undefined,
    resource,
  ];
}

function signIn({ signIn: { methods, acr } }: Explanation): (string | undefined)[] {
  const names = methods.map(({ id, name }) => (name ? `${name} (${id})` : id));
  return [
    names.length > 0 ? `by ${names.join(', ')}` : undefined,
    acr === undefined ? undefined : `acr ${acr}${acr === '0' ? ': below ISO/IEC 29115' : ''}`,
  ];
}

function signature({ signature: { algorithm, keyId, verified } }: Explanation): string {
  const made = listOf(algorithm, keyId && `key ${keyId}`);
  return `${verified ? 'verified' : 'not verified'}${made ? ` (${made})` : ''}`;
}

function listOf(...parts: (string | undefined)[]): string {
  return parts.filter(Boolean).join(', ');
}
