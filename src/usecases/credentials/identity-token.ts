import { exchangeAudience } from '../../core/clouds.ts';
import type { Deadline } from '../../core/deadline.ts';
import { readVariable } from '../../core/env-value.ts';
import { CliError } from '../../core/errors.ts';
import type { HttpRequest } from '../../core/http.ts';
import { parseJsonObject } from '../../core/json.ts';
import { resolveUserPath } from '../../core/paths.ts';
import { GITHUB_VARIABLES, nameReference, PIPELINES_VARIABLES } from '../../profiles/reference.ts';
import { cloudFor } from '../../profiles/resolve-settings.ts';
import type { Profile } from '../../profiles/schema.ts';
import { asReferenceFailure, referenceFailure, unavailable } from './reference-failure.ts';
import type { ReferenceSource } from './reference-source.ts';
import type { ReferenceApp } from './resolve-reference.ts';

/** Matches what may be sent in a header. */
const HEADER_WORD = /^[\x21-\x7e]+$/;

/** A CI service that gives its jobs identity tokens. */
interface Service extends Required<Pick<HttpRequest, 'method' | 'headers'>> {
  readonly variables: { readonly url: string; readonly token: string };
  /** How a job gets these variables. */
  readonly cure: string;
  /** Added to the query of the URL. */
  readonly query: Readonly<Record<string, string>>;
  /** The member of the JSON answer that holds the token. */
  readonly member: string;
}

/**
 * The identity token of the job that tokencli runs in.
 * @throws CliError store_unavailable outside of such a job, or where it is refused; network
 */
export async function requestIdentityToken(
  app: ReferenceApp,
  profile: Profile,
  source: ReferenceSource,
  deadline: Deadline,
): Promise<Buffer> {
  const { reference } = source;
  const service =
    'azurePipelines' in reference
      ? azurePipelines(reference.azurePipelines)
      : github(exchangeAudience(cloudFor(profile, app.env)));
  const { variables, method, member } = service;
  const name = nameReference(reference);
  const need = (variable: string) => {
    const value = readVariable(app.env, variable);
    if (value !== undefined) return value;
    const message = `no federated token from ${name}: the variable ${variable} is not set`;
    throw new CliError('store_unavailable', message, { hint: `it is set ${service.cure}` });
  };
  const url = need(variables.url);
  const token = need(variables.token);
  app.log.registerSecret(token);
  const refuse = (said: string) => referenceFailure('invalid_data', source, said);
  if (!URL.canParse(url)) throw refuse(`${variables.url} holds no URL`);
  if (!HEADER_WORD.test(token)) throw refuse(`${variables.token} holds no token`);
  const http = await app.http(profile.caFile && resolveUserPath(app, profile.caFile));
  const address = new URL(url);
  for (const [key, value] of Object.entries(service.query)) address.searchParams.set(key, value);
  const headers = { ...service.headers, authorization: `Bearer ${token}` };
  const request = { method, url: address.href, headers, deadline, plainOnLoopback: true };
  const response = await http.send({ ...request, repeat: 'safe' }).catch((failure: unknown) => {
    if (!(failure instanceof CliError) || failure.code !== 'network') throw failure;
    const { hint = `check ${variables.url}` } = failure.details;
    const told = failure.with({ hint: hint.replace('the authority', variables.url) });
    throw asReferenceFailure(source, told);
  });
  if (response.status >= 400 && response.status < 500) {
    throw unavailable(source, `refused it (HTTP ${response.status})`);
  }
  const answer = parseJsonObject(response.body)?.[member];
  if (response.status === 200 && typeof answer === 'string') return Buffer.from(answer);
  const said = `${name} answered HTTP ${response.status} without an identity token`;
  const retryable = response.status >= 500;
  throw referenceFailure('network', source, said, { retryable });
}

/** https://docs.github.com/actions/reference/security/oidc */
function github(audience: string): Service {
  return {
    variables: GITHUB_VARIABLES,
    cure: 'in a job of GitHub Actions that has "permissions: id-token: write"',
    method: 'GET',
    query: { audience },
    headers: { accept: 'application/json; api-version=2.0' },
    member: 'value',
  };
}

/** https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create */
function azurePipelines(connection: string): Service {
  return {
    variables: PIPELINES_VARIABLES,
    cure: 'in a step of Azure Pipelines with "env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)"',
    method: 'POST',
    query: { 'api-version': '7.1', serviceConnectionId: connection },
    headers: {
      'content-type': 'application/json',
      // without it an unknown caller gets the page of a sign-in, not status 401
      'x-tfs-fedauthredirect': 'Suppress',
    },
    member: 'oidcToken',
  };
}
