import type { App } from '../../core/ports.ts';
import { shellOption } from '../../core/shell-word.ts';

/** Options of every command, and the profile, which `command` names. */
const LEFT_OUT = ['verbose', 'debug', 'no-color', 'profile'];

/**
 * The command line that does the same as the answers to the questions.
 * @param command the part before the flags: `tokencli config edit -p ci`
 * @param flags by their names; a secret is never one of them
 * @param secretFlag the flag by which the secret would be given
 */
export function commandLineOf(
  command: string,
  flags: Readonly<Record<string, unknown>>,
  secretFlag: string,
): string {
  const words = Object.entries(flags)
    .filter(([name, value]) => !LEFT_OUT.includes(name) && value !== undefined && value !== false)
    .flatMap(([name, value]) => [value].flat().map((one) => wordOf(name, one)));
  return [command, ...words, secretFlag].filter(Boolean).join(' ');
}

export function sayCommandLines({ log }: Pick<App, 'log'>, lines: readonly string[]): void {
  log.say('The same without questions:');
  for (const line of lines) log.say(`  ${line}`);
}

function wordOf(name: string, value: unknown): string {
  return value === true ? `--${name}` : shellOption(`--${name}`, String(value));
}
