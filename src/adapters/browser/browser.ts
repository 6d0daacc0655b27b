import { type ChildProcess, spawn } from 'node:child_process';
import { parse } from 'node:path';
import type { Browser } from '../../core/interaction.ts';
import type { App, Env } from '../../core/ports.ts';
import { REDACTED } from '../../output/redact.ts';
import { findOpeners, type Opener, safeLink } from './opener.ts';
import { findReason, type Machine, THIS_MACHINE } from './reason.ts';

type World = Pick<App, 'env' | 'platform' | 'log' | 'interrupted'>;

/** Milliseconds in which an opener that cannot do its work says so. */
const PATIENCE = 1000;
const PRIVATE = /^(TOKENCLI|AZURE)_|SECRET|PASSWORD|PASSPHRASE|CREDENTIAL/i;

/** Hands links to the person's browser. */
export function createBrowser(world: World, machine: Machine = THIS_MACHINE): Browser {
  return {
    reasonAgainst: (command) => (command ? undefined : findReason(world, machine)),
    open: async (url, command) => {
      for (const opener of findOpeners(world, machine, safeLink(url), command)) {
        world.log.debug(`opening the browser with ${opener[0]}`);
        if (await starts(opener, world)) return true;
      }
      return false;
    },
  };
}

/** @returns false if it could not be started, or has failed before we lost patience */
function starts(opener: Opener, world: World): Promise<boolean> {
  const { interrupted } = world;
  return new Promise((resolve, reject) => {
    const child = launch(opener, world);
    const stop = () => settle(() => reject(interrupted.reason));
    const settle = (decide: () => void) => {
      clearTimeout(timer);
      interrupted.removeEventListener('abort', stop);
      decide();
    };
    const timer = setTimeout(() => settle(() => resolve(true)), PATIENCE);
    interrupted.addEventListener('abort', stop, { once: true });
    if (!child) return settle(() => resolve(false));
    child.on('error', () => settle(() => resolve(false)));
    child.on('exit', (code) => settle(() => resolve(code === 0)));
  });
}

/** In a session of its own: Ctrl+C here does not end a browser there. */
function launch([program, ...args]: Opener, { env, log }: World): ChildProcess | undefined {
  try {
    const child = spawn(program, args, {
      cwd: parse(program).root,
      detached: true,
      env: withoutSecrets(env, log.redact),
      stdio: 'ignore',
      windowsHide: true,
    });
    child.unref();
    return child;
  } catch {
    return undefined; // an argument that the system does not take
  }
}

/** A browser needs much of the environment, but none of our secrets, whatever they are called. */
function withoutSecrets(env: Env, redact: (text: string) => string): Record<string, string> {
  const entries = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      !PRIVATE.test(entry[0]) && entry[1] !== undefined && redact(entry[1]) !== REDACTED,
  );
  return Object.fromEntries(entries);
}
