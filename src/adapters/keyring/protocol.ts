/** What tokencli and its keyring agent say to each other: one JSON document per line. */

export type KeyringOperation = 'read' | 'read-each' | 'write' | 'delete' | 'list';

export interface KeyringRequest {
  readonly id: number;
  readonly op: KeyringOperation;
  readonly account?: string;
  /** Of `read-each`. */
  readonly accounts?: readonly string[];
  readonly value?: string;
}

/**
 * `passing`: the same call may succeed a moment later · `changing`: an entry was deleted by another
 * program while it was read · `unusable`: the store works, but what it holds under this account
 * cannot be taken · `absent_module`: no native module for this platform.
 */
export type KeyringState =
  | 'locked'
  | 'unavailable'
  | 'passing'
  | 'changing'
  | 'unusable'
  | 'absent_module';

export interface KeyringError {
  readonly state: KeyringState;
  /** The foreign message, for `--debug`. */
  readonly text: string;
}

/** `value`: read a string or null, read-each a list of these, delete a boolean, list an array of accounts. */
export type KeyringAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly error: KeyringError };

/** What an answer may take where nobody can be asked to unlock the keyring. */
export const SILENT_SECONDS = 3;

/** The agent's first line: the program runs and waits for requests. */
export const AGENT_READY = 'ready';
