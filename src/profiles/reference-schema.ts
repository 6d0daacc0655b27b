import * as z from 'zod/mini';
import { isObject } from '../core/json.ts';
import { looksLikeSecret } from '../core/secret-shape.ts';
import { WHOLE_GUID } from '../core/tenant.ts';
import { REFERENCE_FIELDS } from './reference.ts';

const NO_SECRET = 'looks like a secret, which has no place in a profile';

/** A text of one line, which may be empty. */
export const line = z.string().check(
  z.maxLength(2048),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is refused
  z.regex(/^[^\u0000-\u001f\u007f]*$/, 'must not hold control characters'),
);

const word = line.check(z.refine((value) => !looksLikeSecret(value), NO_SECRET));

const env = z.strictObject({
  env: z
    .string()
    .check(
      z.maxLength(256),
      z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable, not its value'),
    ),
});

const file = z.strictObject({ file: word.check(z.minLength(1)) });

/** A name that is looked up in PATH, or a path that means the same in every folder. */
const program = word.check(
  z.regex(/^(?:~?[/\\]|[A-Za-z]:[/\\]|[^/\\]+$)/, 'must be a name or an absolute path'),
);

const command = z.strictObject({
  command: z.tuple([program], word).check(z.maxLength(64)),
});

const github = z.strictObject({ github: z.literal(true) });

const azurePipelines = z.strictObject({
  azurePipelines: z.string().check(z.regex(WHOLE_GUID, 'must be a GUID')),
});

const FORMS = '{"env": NAME}, {"file": PATH} or {"command": [PROGRAM, ARG, …]}';
const SERVICES = '{"github": true}, {"azurePipelines": SERVICE_CONNECTION_ID}';

const reference = z.union([env, file, command], { error: `must be ${FORMS}` });

const assertionReference = z.union([env, file, command, github, azurePipelines], {
  error: `must be ${SERVICES}, ${FORMS}`,
});

/** The fields of a profile that say where its credential is. */
export const referenceFields = {
  clientSecretFrom: optional(
    reference,
    'Where the client secret is read when it is needed; in the place of a stored credential.',
  ),
  certificateFrom: optional(
    reference,
    'The same of a certificate with its key: PEM, or a PFX, also in base64.',
  ),
  assertionFrom: optional(
    assertionReference,
    'The same of a federated token, which is read anew for each token request.',
  ),
};

const NO_COMMAND = '; no command is taken from a file of somebody else';

const carriedReference = z.union([env, file], {
  error: `must be {"env": NAME} or {"file": PATH}${NO_COMMAND}`,
});

/** The same in an export, which must not be able to name a command that tokencli then runs. */
export const carriedReferenceFields = {
  clientSecretFrom: z.optional(carriedReference),
  certificateFrom: z.optional(carriedReference),
  assertionFrom: z.optional(
    z.union([env, file, github, azurePipelines], {
      error: `must be ${SERVICES}, {"env": NAME} or {"file": PATH}${NO_COMMAND}`,
    }),
  ),
};

/** Refuses a profile with two references, because it would be open which is meant. */
export const oneReference = z.refine<object>(
  (profile) => REFERENCE_FIELDS.filter((field) => field in profile).length <= 1,
  {
    when: ({ value }) => isObject(value),
    error: `must not have two of ${REFERENCE_FIELDS.join(', ')}`,
  },
);

/** The same for JSON Schema: none of these may hold. */
export const TWO_REFERENCES = REFERENCE_FIELDS.map((field, index) => ({
  required: [field, REFERENCE_FIELDS[(index + 1) % REFERENCE_FIELDS.length]],
}));

/** @param description appears in profiles.schema.json */
export function described<T extends z.ZodMiniType>(schema: T, description: string): T {
  z.globalRegistry.add(schema, { description });
  return schema;
}

/**
 * A field that may be absent.
 * @param description appears in profiles.schema.json
 */
export function optional<T extends z.ZodMiniType>(
  schema: T,
  description: string,
  examples?: readonly string[],
): z.ZodMiniOptional<T> {
  const may = z.optional(schema);
  z.globalRegistry.add(may, { description, ...(examples && { examples: [...examples] }) });
  return may;
}
