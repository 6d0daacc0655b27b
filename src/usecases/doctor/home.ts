import { accessSync, constants, lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startDeadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import { ioError, unsafeError } from '../../core/files/failure.ts';
import { findLeftovers, findOwnLinks, removeLeftovers } from '../../core/files/own-files.ts';
import { findDanger } from '../../core/files/ownership.ts';
import type { App, Release, StoreKind } from '../../core/ports.ts';
import { type ProfilesFile, readProfiles } from '../../profiles/store.ts';
import { storeKindOf } from '../../secrets/vault.ts';
import { countOldNotes, settleOldNotes } from '../secrets/pending-secrets.ts';
import { findStrayTokens, removeStrayTokens } from '../token/cache-removal.ts';
import { type Finding, failed, ok } from './finding.ts';
import { describeModes, type ModesReport } from './home-modes.ts';

const FIX = 'tokencli doctor --fix';

/**
 * Checks tokencli's home: its permissions, profiles.json, and what killed processes left there.
 * @param closed what `closeHome` did; undefined without `--fix`
 */
export async function checkHome(app: App, closed: readonly string[] | undefined): Promise<Finding> {
  const { home } = app.paths;
  try {
    if (lstatSync(home, { throwIfNoEntry: false }) === undefined) {
      return ok(`${home} does not exist yet; the first profile makes it`);
    }
    const file = await readProfiles(app.paths);
    checkLinks(app);
    const repaired = closed ? [...closed, ...(await cleanUp(app))] : [];
    const modes = describeModes(app);
    const troubles = await findTroubles(app, modes, file);
    if (troubles.length > 0) {
      const detail = `${home}: ${troubles.join('; ')}`;
      return { ok: false, code: 'io', detail, cure: modes.cure ?? FIX };
    }
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
    if (file.broken.length > 0) {
      const problems = file.broken.flatMap((each) => each.problems).join('; ');
      const cure = 'correct the fields named here in profiles.json';
      return { ok: false, code: 'invalid_data', detail: problems, cure };
    }
    const done = repaired.length > 0 ? ` (repaired: ${repaired.join('; ')})` : '';
    const count = `${file.profiles.length} ${file.profiles.length === 1 ? 'profile' : 'profiles'}`;
    return ok(`${home}: ${count}, ${modes.note ?? 'closed to others'}${done}`);
  } catch (error) {
    const known = error instanceof CliError ? error : ioError(`${home} is not usable`, error);
    return failed(known, `make ${home} a folder of your own that you can write to`);
  }
}

/**
 * Takes the same lock twice. If the second attempt succeeds, locks do not exclude other processes
 * here.
 */
export async function checkLock(app: App): Promise<Finding> {
  const acquire = async () =>
    (await app.locks()).acquire('doctor', startDeadline(0, app.interrupted));
  let release: Release | undefined;
  try {
    release = await acquire();
    (await acquire())();
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'busy') return failed(error);
    if (!release) return ok('locks work: another tokencli doctor holds its own right now');
    return ok('the kernel locks files here, and frees them when their owner dies');
  } finally {
    release?.();
  }
  return {
    ok: false,
    code: 'io',
    detail: `files cannot be locked in ${app.paths.lockFolder}: parallel calls are not safe`,
    cure: canOpenLocks(app)
      ? 'move the folder to a local file system, with TOKENCLI_HOME'
      : 'install tokencli again: its module for locks cannot be loaded',
  };
}

function canOpenLocks({ paths, runtime }: App): boolean {
  try {
    runtime.openLock(join(paths.lockFolder, 'doctor.lock')).close();
    return true;
  } catch {
    return false;
  }
}

/** Checks the targets of links, whose modes nothing else here checks. @throws CliError io */
function checkLinks({ paths }: Pick<App, 'paths'>): void {
  for (const path of findOwnLinks(paths)) {
    const found = statSync(path, { throwIfNoEntry: false });
    // the mode of a device or a pipe must stay as it is, and whoever reads it says what it is
    if (found && !found.isFile() && !found.isDirectory()) continue;
    const danger = found ? findDanger(path, found) : 'dangling';
    if (danger) throw unsafeError(path, danger);
  }
}

async function findTroubles(app: App, modes: ModesReport, file: ProfilesFile): Promise<string[]> {
  const leftovers = findLeftovers(app.paths, app.clock.now()).length;
  // a folder that is closed cannot be looked into
  const strays = modes.troubles.length > 0 ? 0 : findStrayTokens(app, file).length;
  // in the store in use alone: what a change has left in another may be out of reach for good
  const notes = await countOldNotes(app, kindOf(app, file.store));
  return [
    ...modes.troubles,
    ...(leftovers > 0 ? [`${leftovers} temporary files of killed processes`] : []),
    ...(strays > 0 ? [`tokens of ${strays} profiles that are not there`] : []),
    ...(notes > 0 ? [`${notes} killed changes may have left secrets in the store`] : []),
  ];
}

/** @returns undefined if TOKENCLI_STORE is wrong, which `checkStore` tells */
function kindOf({ env }: App, configured: StoreKind | undefined): StoreKind | undefined {
  try {
    return storeKindOf(env, configured);
  } catch {
    return undefined;
  }
}

/** @returns what was done, for the report */
async function cleanUp(app: App): Promise<string[]> {
  const leftovers = findLeftovers(app.paths, app.clock.now());
  removeLeftovers(app.paths, app.clock.now());
  const notes = await countOldNotes(app);
  await settleOldNotes(app);
  const strays = describeModes(app).troubles.length > 0 ? 0 : await removeStrayTokens(app);
  return [
    ...(leftovers.length > 0 ? [`removed ${leftovers.length} temporary files`] : []),
    ...(strays > 0 ? [`removed the tokens of ${strays} profiles that are not there`] : []),
    ...(notes > 0 ? [`cleaned up behind ${notes} killed changes`] : []),
  ];
}
