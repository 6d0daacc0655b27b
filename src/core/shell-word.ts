import { currentUser } from './current-user.ts';

/**
 * Quotes a word for a POSIX shell, or on Windows for PowerShell, if it needs quotes; zsh expands a word
 * that begins with `=`.
 */
export function shellWord(text: string): string {
  if (currentUser() === undefined) return powerShellWord(text);
  return /^(?!=)[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** PowerShell makes a list of `a,b`, and takes typographic quotes for plain ones. */
function powerShellWord(text: string): string {
  return /^[\w+:./\\-][\w@+=:./\\-]*$/.test(text) ? text : `'${text.replace(/['‘’‚‛]/g, '$&$&')}'`;
}

/** An option with its value, also one that begins with a hyphen. */
export function shellOption(flag: string, value: string): string {
  return `${flag}${value.startsWith('-') ? '=' : ' '}${shellWord(value)}`;
}
