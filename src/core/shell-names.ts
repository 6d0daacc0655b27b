/** The shells that can complete command lines of ours. */
export const SHELL_NAMES = ['bash', 'zsh', 'fish', 'powershell'] as const;

export type ShellName = (typeof SHELL_NAMES)[number];

/** The first word of the call by which a shell asks how a line goes on; no command for people. */
export const COMPLETER = '__complete';
