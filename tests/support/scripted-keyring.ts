import type { KeyringModule } from '../../src/core/runtime.ts';

export type Scripted =
  | { readonly value: unknown }
  /** The text of the library's error. */
  | { readonly error: string }
  /** Says nothing for this long, or for ever. */
  | { readonly after: Promise<unknown> };

export interface ScriptedKeyring {
  readonly module: KeyringModule;
  /** What was asked, in turn: `read`, `write`, `delete`, `list`. */
  readonly asked: string[];
  /** How many questions were open at once at most. */
  most(): number;
}

/** The native module, which gives these answers in turn and then says nothing any more. */
export function scriptKeyring(script: readonly Scripted[]): ScriptedKeyring {
  const answers = [...script];
  const asked: string[] = [];
  let [open, most] = [0, 0];
  const answer = async (question: string): Promise<unknown> => {
    asked.push(question);
    open += 1;
    most = Math.max(most, open);
    try {
      await new Promise((resolve) => setImmediate(resolve));
      const next = answers.shift() ?? { after: new Promise(() => {}) };
      if ('error' in next) throw new Error(next.error);
      return 'after' in next ? await next.after : next.value;
    } finally {
      open -= 1;
    }
  };
  const module = {
    AsyncEntry: class {
      getPassword = () => answer('read');
      setPassword = () => answer('write');
      deleteCredential = () => answer('delete');
    },
    findCredentialsAsync: () => answer('list'),
  };
  return { module: module as unknown as KeyringModule, asked, most: () => most };
}
