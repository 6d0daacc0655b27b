import { type ChildProcess, spawn } from 'node:child_process';
import { parse } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { unlessAborted } from '../../core/deadline.ts';
import type { Browser } from '../../core/interaction.ts';
import type { App, Env } from '../../core/ports.ts';
import { withoutSecretVariables } from '../../core/secret-variables.ts';
import { withoutLineEnd } from '../../core/text.ts';
import { REDACTED } from '../../output/redact.ts';
import { type Machine, THIS_MACHINE, whyBrowserIsElsewhere } from './environment.ts';
import { findOpeners, type Opener, safeLink } from './opener.ts';

type World = Pick<App, 'env' | 'platform' | 'log' | 'interrupted'>;

/** An opener that still runs after this time is taken to have opened the browser. */
const START_MILLISECONDS = 1000;
/** Names of environment variables that may hold secrets. */
const PRIVATE = /^(TOKENCLI|AZURE)_|SECRET|PASSWORD|PASSPHRASE|CREDENTIAL/i;

/** @param machine replaced in tests */
export function createBrowser(world: World, machine: Machine = THIS_MACHINE): Browser {
  return {
    // in a container or over SSH, editors set BROWSER to a program that opens the person's own browser
    reasonNotToOpen: (command) =>
      command || world.env['BROWSER'] ? undefined : whyBrowserIsElsewhere(world, machine),
    isElsewhere: (command) => !command && whyBrowserIsElsewhere(world, machine) !== undefined,
    open: async (url, command, hidden = []) => {
      const env = withoutSecrets(world, hidden);
      for (const opener of findOpeners(world, machine, safeLink(url), command)) {
        world.log.debug(`opening the browser with ${opener[0]}`);
        if (await starts(opener, env, world)) return true;
      }
      return false;
    },
  };
}

/**
 * The program is detached: the browser is in another process group, so that Ctrl+C in this terminal
 * does not end it.
 * @returns false if the program could not be started, or failed within a second
 */
async function starts(
  [program, ...args]: Opener,
  env: Env,
  { interrupted }: World,
): Promise<boolean> {
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      cwd: parse(program).root,
      detached: true,
      env: env as Record<string, string>,
      stdio: 'ignore',
      windowsHide: true,
    });
  } catch {
    return false; // spawn throws for arguments that the system does not accept
  }
  child.unref();
  const ended = new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
  const stillRuns = pause(START_MILLISECONDS, true);
  return unlessAborted(interrupted, Promise.race([ended, stillRuns]));
}

/**
 * The environment for the browser, without variables whose name or value shows that they are
 * secret.
 */
function withoutSecrets({ env, log }: World, hidden: readonly string[]): Env {
  const entries = Object.entries(withoutSecretVariables(env, hidden)).filter(
    ([name, value = '']) => !PRIVATE.test(name) && log.redact(withoutLineEnd(value)) !== REDACTED,
  );
  return Object.fromEntries(entries);
}
