import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A secret that occurs nowhere else in the world, with characters that every escaping changes. */
export function makeCanary(prefix = ''): string {
  return `${prefix}Cn~${randomBytes(18).toString('base64').replace(/[+/]/g, 'x')}/+&=%" ü`;
}

/**
 * The bytes a secret would show up as, by the name of the spelling. Only its longest plain part is
 * looked for: escaping one spelling inside another cannot hide that.
 */
export function spellings(whole: string): ReadonlyMap<string, Buffer> {
  const secret = longestPlainPart(whole);
  const bytes = Buffer.from(secret);
  const found = new Map<string, string | Buffer>([
    ['raw', bytes],
    ['utf16le', Buffer.from(secret, 'utf16le')],
    ['utf16be', Buffer.from(secret, 'utf16le').swap16()],
    ['hex', bytes.toString('hex')],
    ['HEX', bytes.toString('hex').toUpperCase()],
  ]);
  for (const shift of [0, 1, 2]) {
    // inside a longer text a secret begins at any of three places of a base64 group
    const groups = bytes.subarray(shift, shift + 3 * Math.floor((bytes.length - shift) / 3));
    found.set(`base64 +${shift}`, groups.toString('base64'));
    found.set(`base64url +${shift}`, groups.toString('base64url'));
  }
  return new Map([...found].map(([name, value]) => [name, Buffer.from(value)]));
}

function longestPlainPart(secret: string): string {
  const parts = secret.match(/[A-Za-z0-9]+/g) ?? [];
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), '');
  if (longest.length < 12) throw new Error('too short to be told from chance');
  return longest;
}

/** Where a text gives a secret away. @returns `place: spelling` for each find */
export function findIn(place: string, content: Buffer | string, secrets: readonly string[]) {
  const bytes = Buffer.from(content);
  return secrets.flatMap((secret) =>
    [...spellings(secret)]
      .filter(([, spelling]) => bytes.includes(spelling))
      .map(([name]) => `${place}: ${name}`),
  );
}

/** The same for every file below a folder, names included. */
export function findBelow(folder: string, secrets: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const named = findIn(`${path} (name)`, path, secrets);
    return [...named, ...(entry.isFile() ? findIn(path, readFileSync(path), secrets) : [])];
  });
}

/** Looks at what the kernel shows of a process and of all that it started, until `stop`. */
export function watchProcesses(pid: number, secrets: readonly string[]) {
  const found = new Set<string>();
  const seen = new Set<number>();
  const look = () => {
    for (const one of [pid, ...descendants(pid)]) {
      seen.add(one);
      for (const file of ['cmdline', 'environ']) {
        const place = `/proc/${one === pid ? 'self' : 'child'}/${file}`;
        for (const find of findIn(place, quietly(`/proc/${one}/${file}`), secrets)) found.add(find);
      }
    }
  };
  look();
  const timer = setInterval(look, 3);
  return {
    /** @returns the finds, and the number of processes that were looked at */
    stop: () => {
      clearInterval(timer);
      return { found: [...found], processes: seen.size };
    },
  };
}

function descendants(pid: number): number[] {
  const children = quietly(`/proc/${pid}/task/${pid}/children`).toString().split(' ');
  return children
    .filter(Boolean)
    .flatMap((child) => [Number(child), ...descendants(Number(child))]);
}

function quietly(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
