import { CliError } from '../core/errors.ts';
import { REFERENCE_FLAGS, type Reference, type ReferenceField } from './reference.ts';

/** How the command line gives a reference. */
export const REFERENCE_FORMS = 'env:NAME, file:PATH or command:["PROGRAM", "ARG", …]';

/**
 * A reference as the command line gives it. `validate.ts` checks what it holds.
 * @throws CliError usage, without showing the text: it may be the secret itself
 */
export function parseReference(field: ReferenceField, text: string): unknown {
  const isAssertion = field === 'assertionFrom';
  if (isAssertion && text.toLowerCase() === 'github') return { github: true };
  const [, scheme = '', value = ''] = /^(\w+):([\s\S]+)$/.exec(text) ?? [];
  if (scheme === 'env' || scheme === 'file') return { [scheme]: value };
  if (isAssertion && scheme === 'azurePipelines') return { azurePipelines: value };
  if (scheme === 'command') return { command: parseCommand(field, value) };
  const services = isAssertion ? 'github, azurePipelines:SERVICE_CONNECTION_ID, ' : '';
  throw new CliError('usage', `--${REFERENCE_FLAGS[field]} takes ${services}${REFERENCE_FORMS}`, {
    hint: 'it names where the value is, and never is the value itself',
  });
}

/** The reverse of `parseReference`. */
export function formatReference(reference: Reference): string {
  if ('env' in reference) return `env:${reference.env}`;
  if ('file' in reference) return `file:${reference.file}`;
  if ('command' in reference) return `command:${JSON.stringify(reference.command)}`;
  return 'github' in reference ? 'github' : `azurePipelines:${reference.azurePipelines}`;
}

function parseCommand(field: ReferenceField, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    const problem = `the command of --${REFERENCE_FLAGS[field]} is no JSON`;
    throw new CliError('usage', problem, {
      hint: `for example command:'["pass", "show", "azure"]'`,
      cause,
    });
  }
}
