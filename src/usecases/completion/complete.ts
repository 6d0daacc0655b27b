import { ENV_PROFILE, PROFILE_NAME } from '../../core/names.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { resourcesWithoutHost } from '../../entra/resources.ts';
import { missingVariables } from '../../profiles/env-profile.ts';
import { namesOf, readProfiles } from '../../profiles/store.ts';

/** Words that a shell may offer, some with an explanation. */
export type Words = readonly (readonly [word: string, explanation?: string | undefined])[];
/** What to offer: words, or names of files (which the shell lists), of profiles or of resources. */
export type Offer = Words | 'files' | 'profiles' | 'resources';

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
  const words = await wordsOf(app, offer);
  const inline = /^--?[\w-]+=/.exec(word)?.[0] ?? '';
  const lines = words
    .filter(([text]) => `${inline}${text}`.startsWith(word))
    .map(([text, about]) => `${inline}${text}${about ? `\t${about}` : ''}\n`);
  return { stdout: lines.join('') };
}

async function wordsOf(app: App, offer: Exclude<Offer, 'files'>): Promise<Words> {
  if (offer === 'profiles') return (await profileNames(app)).map((name) => [name]);
  if (offer !== 'resources') return offer;
  return resourcesWithoutHost().map(({ name, describe }) => [name, describe]);
}

/** @returns only valid names, which no shell needs to quote; no stored ones if the file is unreadable */
async function profileNames({ env, paths }: App): Promise<string[]> {
  const stored = await readProfiles(paths).then(namesOf, () => []);
  const ofEnv = missingVariables(env).length === 0 ? [ENV_PROFILE] : [];
  return [...stored.filter((name) => PROFILE_NAME.test(name)), ...ofEnv];
}
