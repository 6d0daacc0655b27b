import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeLoader } from './code-loader.ts';
import { ensurePrivateFolder, removeQuietly, writePrivateFile } from './core/private-file.ts';

/**
 * Leaves for the next start what this one has compiled, and removes what belonged to another build.
 * Nothing is lost when that fails.
 */
export function keepCode(loader: CodeLoader, folder: string): void {
  try {
    const made = loader.made();
    if (made.length === 0) return;
    ensurePrivateFolder(folder);
    for (const { path, content } of made) writePrivateFile(path, content);
    const others = readdirSync(folder).filter(
      (name) => name.endsWith('.code') && !loader.isOurs(name),
    );
    for (const name of others) removeQuietly(join(folder, name));
  } catch {
    // a full disk, a folder that somebody else has made: the next start compiles again
  }
}
