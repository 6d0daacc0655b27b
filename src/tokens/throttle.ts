import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensurePrivateFolder,
  readPrivateFile,
  removeQuietly,
  writePrivateFile,
} from '../core/private-file.ts';

/**
 * How long a server asked to be left alone (`Retry-After`, RFC 9110 section 10.2.3), remembered for
 * the processes that come after. One small file per authority.
 */
export interface Throttle {
  /** @returns whole seconds for which no request should be sent yet; 0 if there are none */
  secondsLeft(url: string): number;
  /** @throws CliError io */
  remember(url: string, seconds: number): void;
}

/** A wait as it was remembered. */
export interface Wait {
  /** Host and first segment of the path: at Entra, the tenant. */
  readonly authority: string;
  /** Seconds since the epoch. */
  readonly until: number;
}

/** A server that asks for more is asked again after an hour, whatever it or the clock may say. */
const LONGEST_SECONDS = 3600;
const LARGEST_FILE = 4096;

/** @param now seconds since the epoch */
export function createThrottle(folder: string, now: () => number): Throttle {
  return {
    secondsLeft: (url) => {
      const path = pathFor(folder, authorityOf(url));
      const left = secondsOf(readWait(path), now());
      return Math.ceil(left);
    },
    remember: (url, seconds) => {
      const authority = authorityOf(url);
      const until = now() + Math.min(seconds, LONGEST_SECONDS);
      ensurePrivateFolder(folder);
      removeEnded(folder, now());
      writePrivateFile(pathFor(folder, authority), `${JSON.stringify({ authority, until })}\n`);
    },
  };
}

/** The waits that have not ended. */
export function listWaits(folder: string, now: number): Wait[] {
  return namesIn(folder).flatMap((name) => {
    const wait = readWait(join(folder, name));
    return wait && secondsOf(wait, now) > 0 ? [wait] : [];
  });
}

function removeEnded(folder: string, now: number): void {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (secondsOf(readWait(path), now) === 0) removeQuietly(path);
  }
}

function secondsOf(wait: Wait | undefined, now: number): number {
  const left = wait ? wait.until - now : 0;
  // further away than anything that is written here: the clock was set back meanwhile
  return left > 0 && left <= LONGEST_SECONDS + 1 ? left : 0;
}

function readWait(path: string): Wait | undefined {
  try {
    const wait = JSON.parse(String(readPrivateFile(path, LARGEST_FILE))) as Partial<Wait>;
    const { authority, until } = wait;
    if (typeof authority !== 'string' || typeof until !== 'number') return undefined;
    return { authority, until };
  } catch {
    // only a courtesy to the server depends on it
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.wait'));
  } catch {
    return [];
  }
}

function authorityOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}/${pathname.split('/')[1] ?? ''}`.toLowerCase();
}

function pathFor(folder: string, authority: string): string {
  const name = createHash('sha256').update(authority).digest('hex').slice(0, 32);
  return join(folder, `${name}.wait`);
}
