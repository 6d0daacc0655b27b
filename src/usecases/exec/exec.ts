import { setTimeout as pause } from 'node:timers/promises';
import { CliError } from '../../core/errors.ts';
import type { App, Env, Outcome } from '../../core/ports.ts';
import { isSharedTenant } from '../../core/tenant.ts';
import { isOfResource } from '../../entra/scopes.ts';
import { chooseProfile, readProfilesOrEnv } from '../../profiles/choose-profile.ts';
import { variablesOfReference } from '../../profiles/reference.ts';
import type { Profile } from '../../profiles/schema.ts';
import { obtainToken } from '../token/get-token.ts';
import { resolveTokenRequest } from '../token/token-request.ts';
import { childEnvironment, MARK, tokenVariables } from './child-environment.ts';
import { createKeys, createRequestHandler } from './endpoint.ts';
import { type ExecArgs, readAllowed, readVariables } from './exec-options.ts';
import { createTokenSource, stampOf } from './token-source.ts';

/** How long a token that nobody waits for any more may take to be saved. */
const SAVING_MILLISECONDS = 2000;

/** Runs a program, and serves it with tokens until it ends. @returns its exit code */
export async function exec(app: App, args: ExecArgs, program: readonly string[]): Promise<Outcome> {
  refuseNesting(app.env);
  refuseChangedBytes(program);
  const variables = readVariables(args);
  const file = await readProfilesOrEnv(app, args.profile);
  const profile = await chooseProfile(app, file, args.profile);
  const allow = await readAllowed(args, profile, app.env);
  const stamp = stampOf(app, profile.name);
  const own = await obtainOwn(app, profile, args.lazy === true);
  const scopes = own.request.scopes.filter(isOfResource);
  const allowed = allow && [...scopes, ...allow];

  const source = createTokenSource(app, {
    profile: profile.name,
    allowed,
    ...(own.result && { first: { ...own, stamp } }),
  });
  const keys = createKeys();
  const server = await (await app.localServers()).listen(createRequestHandler(keys, source.serve));
  const { tenantId } = own.request;
  const env = {
    ...childEnvironment(app.env, {
      profile: profile.name,
      endpoint: { ...keys, base: `http://127.0.0.1:${server.port}` },
      ...(args.terraform && { terraform: isSharedTenant(tenantId) ? {} : { tenantId } }),
      references: variablesOfReference(profile),
    }),
    ...(own.result && tokenVariables(variables, own.result)),
  };
  const exitCode = await run(app, program, env);
  await server.close();
  await Promise.race([source.idle(), pause(SAVING_MILLISECONDS, undefined, { ref: false })]);
  return { stdout: '', exitCode };
}

function refuseNesting(env: Env): void {
  const outer = env[MARK];
  if (!outer) return;
  throw new CliError('usage', `this runs in tokencli exec -p ${outer} already`, {
    hint: 'leave out this exec: every program in the outer one is served',
  });
}

/**
 * The runtime has replaced bytes that are not UTF-8 by U+FFFD, so the word is not the one that was
 * typed.
 */
function refuseChangedBytes(program: readonly string[]): void {
  const changed = program.findIndex((word) => word.includes('\ufffd'));
  if (changed === -1) return;
  const problem = `word ${changed + 1} behind -- is not in UTF-8: it cannot be passed on`;
  throw new CliError('usage', problem, { hint: 'put the command into a script, and run that' });
}

/** The token that the profile is for; a person can still be asked. With `--lazy` only its request. */
async function obtainOwn(app: App, profile: Profile, lazy: boolean) {
  if (lazy) return { request: resolveTokenRequest(profile, {}, {}, app.env), result: undefined };
  return obtainToken(app, { profile: profile.name }, { mayAsk: app.log.interactive });
}

/** From here on the terminal and the signals are the program's. */
async function run(app: App, program: readonly string[], env: Env): Promise<number> {
  const programs = await app.programs();
  app.interrupted.throwIfAborted();
  app.log.leaveTerminal();
  const running = await programs.start(program, env);
  const giveBack = app.takeSignals(running.pass);
  try {
    return await running.ended;
  } finally {
    giveBack();
  }
}
