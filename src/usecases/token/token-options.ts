import { DEFAULT_MIN_TTL_SECONDS } from '../../core/defaults.ts';
import { parseDuration } from '../../core/duration.ts';
import { CliError } from '../../core/errors.ts';
import type { Flags, Lists, Values } from '../../core/options.ts';
import { shellOption } from '../../core/shell-word.ts';
import { readClaimsRequest } from '../../entra/claims-request.ts';
import type { SignInOptions } from '../../flows/flow.ts';
import { isEnvProfile } from '../../profiles/env-profile.ts';
import type { Profile } from '../../profiles/schema.ts';
import type { StyleArgs } from './token-style.ts';

/** The options of `get-token`, as the command line gives them. */
export type GetTokenArgs = StyleArgs &
  Values<
    | ('profile' | 'flow' | 'resource' | 'tenant' | 'output' | 'min-ttl' | 'claims' | 'timeout')
    | ('client-id' | 'login-hint' | 'prompt' | 'port')
  > &
  Flags<'mask' | 'force-refresh' | 'no-cache' | 'no-browser'> &
  Lists<'scope'>;

/** How a token is to be had, apart from which one. Durations in seconds. */
export interface TokenOptions extends SignInOptions {
  readonly minTtl: number;
  /** Somebody asked for this much life; a default gives way when the network is down. */
  readonly minTtlIsFirm: boolean;
  /**
   * Also use tokens again that never live as long as `minTtl` (`neededLife`), since many will be
   * asked for.
   */
  readonly reusesShort?: boolean;
  readonly force: boolean;
  readonly useCache: boolean;
  /** Without it, the time limit depends on the flow. */
  readonly timeout?: number;
  /** A claims request as JSON, in one spelling. */
  readonly claims?: string;
}

const LONGEST_CLAIMS = 16 * 1024;
const LARGEST_PORT = 65_535;

/** Checks the options, before any file is read. @throws CliError usage */
export function readTokenOptions(args: GetTokenArgs): TokenOptions {
  if (args.scope !== undefined && args.resource !== undefined) {
    throw new CliError('usage', 'give --scope or --resource, not both', {
      hint: '--resource URI is short for --scope URI/.default',
    });
  }
  const minTtl = args['min-ttl'];
  const { timeout, port, prompt } = args;
  return {
    minTtl: minTtl === undefined ? DEFAULT_MIN_TTL_SECONDS : parseDuration(minTtl, '--min-ttl'),
    minTtlIsFirm: minTtl !== undefined,
    force: args['force-refresh'] === true,
    useCache: args['no-cache'] !== true,
    useBrowser: args['no-browser'] !== true,
    ...(timeout !== undefined && { timeout: parseTimeout(timeout) }),
    ...(port !== undefined && { port: parsePort(port) }),
    ...(prompt !== undefined && { prompt }),
    ...(args.claims !== undefined && { claims: readClaims(args.claims) }),
  };
}

/** True for a prompt that shows the person a page, even one who is signed in. */
export function isForPerson(prompt: string | undefined): boolean {
  return prompt !== undefined && prompt !== 'none' && prompt !== 'default';
}

/** What the profile says holds where the command line says nothing. */
export function withProfile(given: TokenOptions, profile: Pick<Profile, 'name' | 'minTtl'>) {
  const { minTtl } = profile;
  const options = { ...given, useCache: given.useCache && !isEnvProfile(profile) };
  if (options.minTtlIsFirm || minTtl === undefined) return options;
  return { ...options, minTtl: parseDuration(minTtl, 'minTtl'), minTtlIsFirm: true };
}

/** @throws CliError usage */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= LARGEST_PORT) return port;
  throw new CliError('usage', `--port takes a number from 1 to ${LARGEST_PORT}, not '${text}'`);
}

/** @returns seconds. @throws CliError usage */
export function parseTimeout(text: string): number {
  const seconds = parseDuration(text, '--timeout');
  if (seconds > 0) return seconds;
  throw new CliError('usage', '--timeout must be longer than nothing');
}

/**
 * A claims challenge as it stands in `WWW-Authenticate`: JSON, or that in base64 or base64url
 * (https://learn.microsoft.com/entra/identity-platform/claims-challenge).
 */
function readClaims(text: string): string {
  const given = text.trim();
  const decoded = given.startsWith('{') ? given : Buffer.from(given, 'base64').toString('utf8');
  const claims = given.length <= LONGEST_CLAIMS ? readClaimsRequest(decoded) : undefined;
  if (claims !== undefined) return claims;
  throw new CliError('usage', '--claims takes a claims request as JSON, plain or in base64', {
    hint: 'copy the value of claims="…" from the WWW-Authenticate header',
  });
}

/** The command that does in a terminal what this call could not do without a person. */
export function signInCommand(profile: string, args: GetTokenArgs): string {
  const words = ['tokencli', 'get-token', '-p', profile];
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined) words.push(shellOption(name, value));
  };
  add('-f', args.flow);
  for (const scope of args.scope ?? []) add('-s', scope);
  add('--resource', args.resource);
  add('--tenant', args.tenant);
  add('--client-id', args['client-id']);
  add('--login-hint', args['login-hint']);
  add('--claims', args.claims);
  // `none` asks nobody, and now a person has to be asked
  if (args.prompt !== 'none') add('--prompt', args.prompt);
  add('--port', args.port);
  // without these a token that still lives would be the answer, and nobody would be asked
  add('--min-ttl', args['min-ttl']);
  for (const flag of ['force-refresh', 'no-cache', 'no-browser'] as const) {
    if (args[flag] === true) words.push(`--${flag}`);
  }
  return words.join(' ');
}
