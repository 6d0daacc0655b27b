import { accessSync, constants, statSync } from 'node:fs';
import { currentUser } from '../../core/current-user.ts';
import { readVariable } from '../../core/env-value.ts';
import { systemReason } from '../../core/errors.ts';
import { findProgram } from '../../core/find-program.ts';
import { expandHome, resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import { shellWord } from '../../core/shell-word.ts';
import { type NamedReference, nameReference, serviceVariables } from '../../profiles/reference.ts';
import { REFERENCE_KIND_NAMES } from './reference-source.ts';

/** What can be said about a reference without reading anything secret. */
export interface ReferenceState {
  readonly kind: (typeof REFERENCE_KIND_NAMES)[NamedReference['kind']];
  /** For people: `variable NAME`, `file PATH`, `command /usr/bin/pass show azure`. */
  readonly place: string;
  /** Why it cannot be read now. */
  readonly problem?: string;
  /** What is wrong although it can be read. */
  readonly note?: string;
  /** The command that mends what the note says. */
  readonly cure?: string;
}

type World = Pick<App, 'env' | 'platform' | 'userHome' | 'workingFolder'>;

export function examineReference(
  app: World,
  { kind: short, reference }: Pick<NamedReference, 'kind' | 'reference'>,
): ReferenceState {
  const kind = REFERENCE_KIND_NAMES[short];
  if ('env' in reference) {
    return { kind, place: `variable ${reference.env}`, ...unset(app, [reference.env]) };
  }
  if ('file' in reference) return { kind, ...examineFile(resolveUserPath(app, reference.file)) };
  if ('command' in reference) return { kind, ...examineCommand(app, reference.command) };
  const name = nameReference(reference);
  const place =
    'github' in reference ? name : `${name}, service connection ${reference.azurePipelines}`;
  return { kind, place, ...unset(app, Object.values(serviceVariables(reference) ?? {})) };
}

/** The same for people: the kind, and the place with what is wrong about it. */
export function describeReference(
  app: World,
  reference: Pick<NamedReference, 'kind' | 'reference'>,
) {
  const { kind, place, problem, note = problem } = examineReference(app, reference);
  return { kind, place: note === undefined ? place : `${place} (${note})` };
}

type Found = Omit<ReferenceState, 'kind'>;

function unset({ env }: World, names: readonly string[]): { problem?: string } {
  const missing = names.filter((name) => readVariable(env, name) === undefined);
  if (missing.length === 0) return {};
  return { problem: names.length === 1 ? 'is not set' : `${missing.join(', ')} is not set` };
}

function examineFile(path: string): Found {
  const place = `file ${path}`;
  try {
    const found = statSync(path);
    if (found.isDirectory()) return { place, problem: 'it is a folder' };
    accessSync(path, constants.R_OK);
    const { mode, uid } = found;
    if (currentUser() === undefined || (mode & 0o077) === 0) return { place };
    // what root or another program has put there cannot be closed by this user
    const cure = uid === currentUser() ? { cure: `chmod 600 ${shellWord(path)}` } : {};
    return { place, note: 'others can read it', ...cure };
  } catch (error) {
    return { place, problem: systemReason(error) };
  }
}

function examineCommand(app: World, [name, ...args]: readonly [string, ...string[]]): Found {
  const program = findProgram(expandHome(app.userHome, name), app);
  const place = `command ${[program ?? name, ...args].map(shellWord).join(' ')}`;
  return program === undefined ? { place, problem: 'there is no such program' } : { place };
}
