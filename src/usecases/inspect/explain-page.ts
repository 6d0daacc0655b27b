import type { Style } from '../../core/ports.ts';
import { isoDate } from '../../output/dates.ts';
import { page, type Row, timeRows } from '../../output/explain.ts';
import type { Explanation } from './explain-token.ts';

const ACCESS = {
  delegated: 'Delegated access token: an app acts for a signed-in user',
  'app-only': 'App-only access token: an app acts as itself, without a user',
  'id-token': 'ID token: it says who signed in and is not for calling APIs',
  unknown: 'Token of unknown kind: neither scopes nor roles',
} as const;

const CLOUDS: Readonly<Record<string, string>> = {
  public: 'public cloud',
  usgov: 'US government cloud',
  china: 'China cloud (21Vianet)',
  external: 'External ID',
};

/** An explanation as a page for a person. @param now seconds since the epoch */
export function explanationPage(it: Explanation, now: number, style?: Style): string {
  const cloud = it.cloud && CLOUDS[it.cloud];
  const rows: Row[] = [
    ['For', ...it.audience.map(({ id, name }) => (name ? `${name} (${id})` : id))],
    ['May', ...permissions(it)],
    ['Who', ...subject(it)],
    [
      'App',
      it.app && [it.app.name, it.app.id].filter(Boolean).join(', '),
      it.clientAuthentication && `client authentication: ${it.clientAuthentication}`,
    ],
    ['Tenant', it.tenantId && [it.tenantId, cloud].filter(Boolean).join(', ')],
    ['Issuer', it.issuer && (it.cloud ? `${it.issuer} (Microsoft Entra)` : it.issuer)],
    ['Version', it.version],
    ['Sign-in', ...signIn(it)],
    [
      'CAE',
      it.continuousAccessEvaluation
        ? 'yes (xms_cc cp1): it can be revoked before it expires'
        : 'no: the app does not say that it handles claims challenges (xms_cc)',
    ],
    ...timeRows(it, now),
    ['Signature', signature(it)],
  ];
  return page(`${ACCESS[it.access]}`, rows, style);
}

/** The same as data: dates as ISO 8601 UTC, the expiry in seconds too. */
export function explanationData(it: Explanation): Record<string, unknown> {
  return {
    ...it,
    issuedAt: isoDate(it.issuedAt),
    notBefore: isoDate(it.notBefore),
    expiresOn: isoDate(it.expiresOn),
    expiresOnEpoch: it.expiresOn,
  };
}

function permissions(it: Explanation): (string | undefined)[] {
  const roles = it.directoryRoles.map(({ id, name }) => name ?? id);
  const lines = [
    it.scopes.length > 0 ? `scopes: ${it.scopes.join(' ')}` : undefined,
    it.roles.length > 0 ? `roles: ${it.roles.join(' ')}` : undefined,
    roles.length > 0 ? `directory roles: ${roles.join(', ')}` : undefined,
  ];
  const nothing = it.scopes.length === 0 && it.roles.length === 0 && it.access !== 'id-token';
  return nothing ? ['nothing: neither scopes (scp) nor roles', ...lines] : lines;
}

function subject({ subject: { kind, name, id, resource } }: Explanation): (string | undefined)[] {
  const who = kind === 'unknown' ? name : [kind, name].filter(Boolean).join(' ');
  return [who, id && `object id ${id}`, resource];
}

function signIn({ signIn: { methods, acr } }: Explanation): (string | undefined)[] {
  const names = methods.map(({ id, name }) => (name ? `${name} (${id})` : id));
  return [
    names.length > 0 ? `by ${names.join(', ')}` : undefined,
    acr === undefined ? undefined : `acr ${acr}${acr === '0' ? ': below ISO/IEC 29115' : ''}`,
  ];
}

function signature({ signature: { algorithm, keyId, verified } }: Explanation): string {
  const made = [algorithm, keyId && `key ${keyId}`].filter(Boolean).join(', ');
  return `${verified ? 'verified' : 'not verified'}${made ? ` (${made})` : ''}`;
}
