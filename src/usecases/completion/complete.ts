import type { App, Outcome } from '../../core/ports.ts';
import { listProfileNames } from '../../profiles/names.ts';

/** Words that a shell may offer, some with an explanation. */
export type Words = readonly (readonly [word: string, explanation?: string | undefined])[];
/** What to offer: words, or names of files (which the shell lists) or of profiles. */
export type Offer = Words | 'files' | 'profiles';

/** Tells a completion script to offer files. No other answer begins with a colon. */
const FILES = ':files\n';

/**
 * The answer to a completion script: a line for each word, with a tab before its explanation, or
 * the line `:files`.
 * @param word what has been typed of the word; if that is `--name=…`, the offer is for the value
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
