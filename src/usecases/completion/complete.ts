import type { App, Outcome } from '../../core/ports.ts';
import { listProfileNames } from '../../profiles/names.ts';

/** What a word could be, with what it means where there is something to say. */
export type Words = readonly (readonly [word: string, describe?: string | undefined])[];
/** `files` and `profiles` are known to the shell and to profiles.json. */
export type Offer = Words | 'files' | 'profiles';

/** The scripts of the shells know it; no word that is offered begins with a colon. */
const FILES = ':files\n';

/**
 * What a shell gets: a line for each word, behind a tab what it means, or the line `:files`.
 * @param word what is typed of it; the offer for `--name=` is for what follows that
 */
export async function complete(
  app: App,
  { word, offer }: { word: string; offer: Offer },
): Promise<Outcome> {
  if (offer === 'files') return { stdout: FILES };
  const words: Words =
    offer === 'profiles' ? listProfileNames(app.paths.profiles).map((name) => [name]) : offer;
  const inline = /^--?[\w-]+=/.exec(word)?.[0] ?? '';
  const lines = words
    .filter(([text]) => `${inline}${text}`.startsWith(word))
    .map(([text, about]) => `${inline}${text}${about ? `\t${about}` : ''}\n`);
  return { stdout: lines.join('') };
}
