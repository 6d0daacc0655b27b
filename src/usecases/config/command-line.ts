import { shellOption } from '../../core/shell-word.ts';

/** Options of every command, and what stands in front already. */
const LEFT_OUT = ['verbose', 'debug', 'no-color', 'profile'];

/**
 * The line that does without questions what was just answered.
 * @param command as far as the flags: `tokencli config edit -p ci`
 * @param flags by their names; the secret itself is never one of them
 * @param secretWord how the secret would be handed over
 */
export function commandLineOf(
  command: string,
  flags: Readonly<Record<string, unknown>>,
  secretWord: string,
): string {
  const words = Object.entries(flags)
    // yargs adds each name in camelCase as well
    .filter(([name]) => /^[a-z][a-z0-9-]+$/.test(name) && !LEFT_OUT.includes(name))
    .filter(([, value]) => value !== undefined && value !== false)
    .flatMap(([name, value]) => [value].flat().map((one) => wordOf(name, one)));
  return [command, ...words, secretWord].filter(Boolean).join(' ');
}

function wordOf(name: string, value: unknown): string {
  if (value === true) return `--${name}`;
  const text = String(value);
  // behind a space it would be taken for the next option
  return shellOption(`--${name}`, text);
}
