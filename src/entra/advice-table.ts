import type { ErrorCode } from '../core/errors.ts';

interface Row {
  readonly cause: string;
  readonly hint: string;
  /** `auth_failed` unless said otherwise. */
  readonly code?: ErrorCode;
  readonly retryable?: boolean;
}

const ROTATE = 'tokencli config edit -p {profile} --client-secret-stdin';
const SIGN_IN = 'tokencli get-token -p {profile}';
const NEEDS_PERSON = 'interaction_required';

/**
 * What AADSTS numbers mean for a user of this tool and what to do next. Causes after Microsoft's
 * error code reference; numbers are documented as unstable, so nothing else depends on them.
 */
export const ADVICE: Readonly<Record<number, Row>> = {
  7000215: {
    cause: 'the client secret is wrong; perhaps it is the id of the secret instead of its value',
    hint: ROTATE,
  },
  7000222: { cause: 'the client secret has expired', hint: `make a new one, then: ${ROTATE}` },
  700016: {
    cause: 'the tenant {tenant} does not know an application with the id {client}',
    hint: 'check both: tokencli config show -p {profile}',
  },
  700027: {
    cause: 'the certificate is not registered for the application, or its signature is refused',
    hint: 'register the certificate for {client}, or try "thumbprint": "sha1" in the profile',
  },
  70011: {
    cause: 'a scope is not valid: {scopes}',
    hint: 'write RESOURCE/.default, and add the permission to the application {client}',
  },
  1002012: {
    cause: 'ClientCredentials takes one RESOURCE/.default scope, not {scopes}',
    hint: 'tokencli get-token -p {profile} --resource https://graph.microsoft.com',
  },
  500011: {
    cause: 'the tenant {tenant} does not know the resource of the scope {scopes}',
    hint: 'check the spelling of the resource and that it is in this tenant',
  },
  65001: {
    cause: 'nobody has consented to what the application {client} asks for',
    hint: 'an administrator can grant it: {consent}',
    code: NEEDS_PERSON,
  },
  650057: {
    cause: 'the application {client} has not listed this resource among its API permissions',
    hint: 'add the permission in the app registration, then grant it: {consent}',
  },
  50076: { cause: 'the sign-in needs a second factor', hint: SIGN_IN, code: NEEDS_PERSON },
  50079: { cause: 'a second factor has to be set up first', hint: SIGN_IN, code: NEEDS_PERSON },
  50011: {
    cause: 'the redirect URI is not registered for the application {client}',
    hint: 'register the redirect URI that was shown, as a mobile and desktop platform',
  },
  50020: {
    cause: 'this user is not known in the tenant {tenant}',
    hint: 'sign in with an account of that tenant, or use --tenant',
  },
  50034: { cause: 'this user does not exist in the tenant {tenant}', hint: SIGN_IN },
  50053: { cause: 'the account is locked after too many tries', hint: 'wait, then try again' },
  50057: { cause: 'the user account is disabled', hint: 'ask an administrator to enable it' },
  50105: {
    cause: 'the user or application is not assigned to a role of the application',
    hint: 'ask an administrator to assign it under Enterprise applications',
  },
  50126: { cause: 'the user name or password is wrong', hint: SIGN_IN },
  53000: { cause: 'the device is not compliant with policy', hint: 'use a managed device' },
  53003: {
    cause: 'a Conditional Access policy blocks this sign-in',
    hint: 'ask an administrator with the correlation id below; another flow or network may do',
  },
  530033: {
    cause: 'a policy allows this sign-in only from a managed device',
    hint: 'sign in on a managed device, not with DeviceCode',
  },
  530084: {
    cause: 'a policy asks for a token bound to the device, which this flow cannot get',
    hint: 'ask an administrator for an exemption of the application {client}',
  },
  70008: { cause: 'the code or refresh token has expired', hint: SIGN_IN, code: NEEDS_PERSON },
  70043: {
    cause: 'the sign-in is older than a policy allows',
    hint: SIGN_IN,
    code: NEEDS_PERSON,
  },
  700082: { cause: 'the refresh token was unused too long', hint: SIGN_IN, code: NEEDS_PERSON },
  700084: {
    cause: 'the refresh token has reached its age limit',
    hint: SIGN_IN,
    code: NEEDS_PERSON,
  },
  50173: {
    cause: 'the password was changed, or the sign-in was revoked',
    hint: SIGN_IN,
    code: NEEDS_PERSON,
  },
  7000218: {
    cause: 'the application {client} is not registered as a public client',
    hint: 'turn on "Allow public client flows", or give the profile a client secret',
  },
  90002: {
    cause: 'there is no tenant {tenant}',
    hint: 'check it and the cloud: tokencli config show -p {profile}',
  },
  90072: {
    cause: 'this account is of another tenant and no guest in {tenant}',
    hint: 'sign in with another account',
    code: NEEDS_PERSON,
  },
  90094: {
    cause: 'only an administrator can consent to what the application {client} asks for',
    hint: 'an administrator can grant it: {consent}',
    code: NEEDS_PERSON,
  },
  9002313: {
    cause: 'the request was not understood by the identity provider',
    hint: 'check the profile: tokencli config show -p {profile}',
  },
  28000: {
    cause: 'one request is for one resource, not for several: {scopes}',
    hint: 'ask for each resource in a call of its own',
  },
};
