import * as z from 'zod/mini';
import { CliError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';
import { findProblems, joinProblems } from './problems.ts';
import { carriedReferenceFields, oneReference } from './reference-schema.ts';
import { clientIdFits, credentialSchema, type Profile, profileFields } from './schema.ts';
import { nameOfRaw } from './store.ts';
import { parseTransferJson } from './transfer-json.ts';

/** A profile in an export. */
export interface CarriedProfile {
  /** Without references to secrets, which are valid on one machine only. */
  readonly profile: Profile;
  readonly secrets: readonly CarriedSecret[];
  /** Remarks about the conversion, to be shown to the person. One line each. */
  readonly notes?: readonly string[];
}

export interface Transfer {
  readonly defaultName?: string | undefined;
  readonly profiles: readonly CarriedProfile[];
}

export const MOST_PROFILES = 1000;

const FORMAT = 'tokencli-export';
const VERSION = 1;
const LONGEST_SECRET = 64 * 1024;
const MAKE_ONE = 'make it with tokencli config export, or say with --from which program wrote it';

// an imported file must not be able to name a command that tokencli then runs
const { credentials: _references, browserCommand: _command, ...others } = profileFields;
const fields = { ...others, ...carriedReferenceFields };
const reference = credentialSchema.shape;

const secretSchema = z.strictObject({
  kind: reference.kind,
  value: z.optional(z.string().check(z.minLength(1), z.maxLength(LONGEST_SECRET))),
  expiresOn: reference.expiresOn,
});

/** A secret in an export. Only encrypted exports contain the value. */
export type CarriedSecret = Readonly<z.infer<typeof secretSchema>>;

const carriedSchema = z
  .strictObject({
    ...fields,
    credentials: z.optional(z.array(secretSchema).check(z.maxLength(8))),
  })
  .check(clientIdFits, oneReference);

const exportSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  default: z.optional(fields.name),
  profiles: z.array(carriedSchema).check(z.minLength(1), z.maxLength(MOST_PROFILES)),
});

/** The JSON text of an export. Unknown fields of profiles are left out. */
export function formatExport({ defaultName, profiles }: Transfer): string {
  const content: z.infer<typeof exportSchema> = {
    format: FORMAT,
    version: VERSION,
    ...(defaultName !== undefined && { default: defaultName }),
    profiles: profiles.map(({ profile, secrets }) => ({
      ...exportedFields(profile),
      ...(secrets.length > 0 && { credentials: [...secrets] }),
    })),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** Names of the fields that an export leaves out, apart from the references to stored secrets. */
export function leftOutFields(profile: Profile): string[] {
  const left = Object.entries(profile).filter(
    (entry) => entry[0] !== 'credentials' && !isExported(entry),
  );
  return left.map(([name, value]) => (isCommand(value) ? `${name} (a command)` : name));
}

/**
 * Parses the JSON text of an export. Refuses everything that `formatExport` could not have written.
 * @param name of the file, for messages
 * @throws CliError invalid_data; the message lists the problems with their paths
 */
export function parseExport(bytes: Uint8Array, name: string): Transfer {
  const value = parseTransferJson(bytes, name);
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > VERSION) {
    throw new CliError('invalid_data', `${name} was exported by a newer tokencli`, {
      hint: 'update tokencli',
    });
  }
  const read = exportSchema.safeParse(value);
  if (!read.success) throw invalidProfile(name, findProblems(exportSchema, value, ''), MAKE_ONE);
  const carried = read.data.profiles.map(({ credentials, ...profile }) => ({
    profile,
    secrets: credentials ?? [],
  }));
  return checkTransfer({ defaultName: read.data.default, profiles: carried }, name, MAKE_ONE);
}

/** A profile made of another program's data. `checkTransfer` must validate it. */
export function uncheckedProfile(fields: Readonly<Record<string, unknown>>): Profile {
  const stated = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(stated) as Profile;
}

/** Checks what must hold for every import, of whatever format. @throws CliError invalid_data */
export function checkTransfer(transfer: Transfer, name: string, hint?: string): Transfer {
  const { profiles } = transfer;
  const seen = new Map<string, number>();
  const problems = profiles.flatMap(({ profile }, index) => {
    const path = `profiles[${index}]`;
    const found = findProblems(carriedSchema, profile, path);
    // not validated yet if another program wrote it
    const lower = nameOfRaw(profile)?.toLowerCase() ?? '';
    const duplicate = seen.get(lower);
    seen.set(lower, index);
    if (duplicate !== undefined) {
      found.push(`${path}.name: is also the name of profiles[${duplicate}]`);
    }
    if (lower === 'constructor' || lower === 'prototype') {
      found.push(`${path}.name: is not accepted from a file`);
    }
    return found;
  });
  if (problems.length > 0) throw invalidProfile(name, problems, hint);
  return transfer;
}

function exportedFields(profile: Profile): z.infer<typeof carriedSchema> {
  const known = Object.entries(profile).filter(isExported);
  return Object.fromEntries(known) as z.infer<typeof carriedSchema>;
}

function isExported([name, value]: readonly [name: string, value: unknown]): boolean {
  return Object.hasOwn(fields, name) && !isCommand(value);
}

function isCommand(value: unknown): boolean {
  return isObject(value) && 'command' in value;
}

function invalidProfile(
  name: string,
  problems: readonly string[],
  hint = 'nothing was imported',
): CliError {
  return new CliError('invalid_data', `${name}: ${joinProblems(problems)}`, { hint });
}
