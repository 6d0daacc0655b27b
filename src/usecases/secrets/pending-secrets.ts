import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startDeadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import {
  appendPrivateFile,
  readPrivateFile,
  removeQuietly,
} from '../../core/files/private-file.ts';
import { ensurePrivateFolder } from '../../core/files/private-folder.ts';
import { parseJsonObject } from '../../core/json.ts';
import type { App, Release, StoreKind } from '../../core/ports.ts';
import { decodeAnyText } from '../../core/text.ts';
import type { CredentialRef } from '../../profiles/schema.ts';
import { LARGEST_PROFILES, readProfiles } from '../../profiles/store.ts';
import { parseRef } from '../../profiles/validate.ts';
import { newSecretId, openVault } from '../../secrets/vault.ts';

const LARGEST_NOTE = 1024 * 1024;
const ID = /^([0-9a-f]{32})\.jsonl$/;

/**
 * What a change is about to add and to take away, written down before it happens. Whoever finds the
 * note of a process that was killed can tell which of these secrets belong to a profile.
 */
export interface Note {
  add(refs: readonly CredentialRef[]): void;
  /**
   * Removes every secret of the note that no profile names.
   * @param made by this change, which failed: no file names them
   * @returns those that could not be removed; the note then stays for the next change
   */
  settle(made?: readonly CredentialRef[]): Promise<readonly CredentialRef[]>;
  /** For a change that has added nothing and taken nothing away. */
  drop(): void;
  close(): void;
}

/** Starts a note under a kernel lock, which tells other processes that its owner is alive. */
export async function startNote(app: App): Promise<Note> {
  ensurePrivateFolder(app.paths.pendingFolder);
  const id = newSecretId();
  const release = await lockNote(app, id, 1);
  return {
    add: (refs) => {
      if (refs.length > 0) appendPrivateFile(pathOf(app, id), refs.map(lineOf).join(''));
    },
    settle: (made) => settle(app, id, undefined, made),
    drop: () => removeQuietly(pathOf(app, id)),
    close: () => endNote(app, id, release),
  };
}

/**
 * Cleans up behind changes that were killed. A store that does not work is left for later, and so is
 * everything while profiles.json is away: it may come back.
 * @param store the one that is in use; others, which may be slow or gone, are not asked. All by default
 * @returns false if profiles.json does not exist
 * @throws CliError invalid_data when it is damaged
 */
export async function settleOldNotes(app: App, store?: StoreKind): Promise<boolean> {
  if (!(await readProfiles(app.paths)).exists) return false;
  await lockOldNotes(app, async (id, release) => {
    try {
      await settle(app, id, store);
    } finally {
      endNote(app, id, release);
    }
  });
  return true;
}

/** How many notes there are whose owner has ended. @param store only those that concern this one */
export async function countOldNotes(app: App, store?: StoreKind): Promise<number> {
  let count = 0;
  await lockOldNotes(app, (id, release) => {
    const refs = readNote(app, id);
    release();
    if (!store || refs.length === 0 || refs.some((ref) => ref.store === store)) count += 1;
  });
  return count;
}

/** A note that is locked belongs to a process that is alive: it is passed over. */
async function lockOldNotes(
  app: App,
  work: (id: string, release: Release) => Promise<void> | void,
): Promise<void> {
  for (const id of noteIds(app)) {
    let release: Release;
    try {
      release = await lockNote(app, id, 0);
    } catch (error) {
      if (error instanceof CliError && error.code === 'busy') continue;
      throw error;
    }
    await work(id, release);
  }
}

async function settle(
  app: App,
  id: string,
  only?: StoreKind,
  made: readonly CredentialRef[] = [],
): Promise<CredentialRef[]> {
  // as text: a profile that is not valid names its secrets too
  const bytes = readPrivateFile(app.paths.profiles, LARGEST_PROFILES);
  const text = bytes && decodeAnyText(bytes);
  const left: CredentialRef[] = [];
  for (const ref of readNote(app, id).filter((each) => !text?.includes(each.id))) {
    // a file that is away may come back, and names what it named before
    const mayBeNamed = text === undefined && !made.some((each) => each.id === ref.id);
    if (mayBeNamed || (only && ref.store !== only)) {
      left.push(ref);
      continue;
    }
    try {
      await openVault(await app.secretStore(ref.store)).remove(ref.kind, ref.id);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      app.log.verbose(`${ref.kind}:${ref.id} cannot be removed yet: ${error.message}`);
      left.push(ref);
    }
  }
  if (left.length === 0) removeQuietly(pathOf(app, id));
  return left;
}

function lockNote(app: App, id: string, seconds: number): Promise<Release> {
  const deadline = startDeadline(seconds, app.interrupted);
  return app.locks().then((locks) => locks.acquire(lockName(id), deadline));
}

/** No other note ever has this id, so its lock file can go. */
function endNote(app: App, id: string, release: Release): void {
  removeQuietly(join(app.paths.lockFolder, `${lockName(id)}.lock`));
  release();
}

function noteIds(app: App): string[] {
  try {
    return readdirSync(app.paths.pendingFolder).flatMap((name) => ID.exec(name)?.[1] ?? []);
  } catch {
    return [];
  }
}

function readNote(app: App, id: string): CredentialRef[] {
  const text = readPrivateFile(pathOf(app, id), LARGEST_NOTE)?.toString() ?? '';
  // the last line may be cut short: what it names was never touched
  return text.split('\n').flatMap((line) => parseRef(parseJsonObject(line)) ?? []);
}

/** Ids are no secrets: they are names in the store. */
function lineOf({ kind, id, store }: CredentialRef): string {
  return `${JSON.stringify({ kind, id, store })}\n`;
}

function pathOf(app: App, id: string): string {
  return join(app.paths.pendingFolder, `${id}.jsonl`);
}

function lockName(id: string): string {
  return `change-${id}`;
}
