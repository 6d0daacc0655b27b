/** Quotes a word for a POSIX shell, if it needs quotes; zsh expands a word that begins with `=`. */
export function shellWord(text: string): string {
  return /^(?!=)[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** An option with its value, also one that begins with a hyphen. */
export function shellOption(flag: string, value: string): string {
  return `${flag}${value.startsWith('-') ? '=' : ' '}${shellWord(value)}`;
}
