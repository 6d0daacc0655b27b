import type { App } from '../core/ports.ts';

/** Characters. Whoever has the file can try passphrases without end. */
const SHORTEST_PASSPHRASE = 12;

/** Asks twice for the passphrase of something new. @param what it is for */
export async function askForNewPassphrase(
  app: Pick<App, 'prompter' | 'log'>,
  what: string,
): Promise<string> {
  const prompter = await app.prompter();
  const message = `${what} (at least ${SHORTEST_PASSPHRASE} characters)`;
  const chosen = await prompter.password({ message, validate: passphraseFlaw });
  app.log.registerSecret(chosen);
  await prompter.password({
    message: 'The same passphrase again',
    validate: (again) => (again === chosen ? undefined : 'the two are not the same'),
  });
  return chosen;
}

/** @returns what is wrong with it, if anything is */
export function passphraseFlaw(passphrase: string): string | undefined {
  if ([...passphrase].length >= SHORTEST_PASSPHRASE) return undefined;
  return `it needs at least ${SHORTEST_PASSPHRASE} characters`;
}
