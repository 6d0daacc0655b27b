import { spawnSync } from 'node:child_process';
import type { SecretStore } from '../../src/core/ports.ts';

/** Reads what tokencli keeps in a keyring with the system's own program, in its own process. */
export function openWithSecretTool(env: Readonly<Record<string, string | undefined>>): SecretStore {
  const ask = (...words: string[]) => {
    const { stdout, stderr } = spawnSync('secret-tool', words, {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    return { stdout, stderr };
  };
  const refuse = () => Promise.reject(new Error('this store is only looked at'));
  return {
    kind: 'keyring',
    label: () => 'secret-tool',
    set: refuse,
    delete: refuse,
    get: async (account) => {
      const { stdout } = ask('lookup', 'service', 'tokencli', 'username', account);
      return stdout === '' ? undefined : stdout;
    },
    list: async () => {
      const { stderr } = ask('search', '--all', 'service', 'tokencli');
      const accounts = stderr.matchAll(/^attribute\.username = (.*)$/gm);
      return [...accounts].map(([, account = '']) => account);
    },
  };
}
