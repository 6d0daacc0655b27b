import {
  type AnyCommand,
  type Commands,
  GLOBAL_OPTIONS,
  HELP_OPTIONS,
  type Option,
  type OptionTable,
} from '../commands/command.ts';
import { ENV_PROFILE, PROFILE_NAME } from '../core/names.ts';
import type { App, Outcome } from '../core/ports.ts';
import { resourcesWithoutHost } from '../entra/resources.ts';
import { missingVariables } from '../profiles/env-profile.ts';
import { profileNames, readProfiles } from '../profiles/store.ts';
import { type FoundCommand, findCommand, isCommand, optionsOf } from './find-command.ts';
import { lacksValues, splitLine } from './split-line.ts';

/** Words that a shell may offer, some with an explanation. */
type Words = readonly (readonly [word: string, explanation?: string | undefined])[];
/** What to offer: words, or names of files (which the shell lists), of profiles or of resources. */
type Offer = Words | 'files' | 'profiles' | 'resources';

/** Tells a completion script to offer files. No other answer begins with a colon. */
const FILES = ':files\n';

/**
 * The answer to a completion script: a line for each word, with a tab before its explanation, or
 * the line `:files`.
 * The script gives `=` and what has been typed of the word, then the words before it.
 */
export async function answerShell(
  app: App,
  [typed = '', ...before]: readonly string[],
  commands: Commands,
): Promise<Outcome> {
  const word = typed.slice(1);
  const offer = completeLine(before, word, commands);
  if (offer === 'files') return { stdout: FILES };
  const words = await wordsOf(app, offer);
  const inline = /^--?[\w-]+=/.exec(word)?.[0] ?? '';
  const lines = words
    .filter(([text]) => `${inline}${text}`.startsWith(word))
    .map(([text, about]) => `${inline}${text}${about ? `\t${about}` : ''}\n`);
  return { stdout: lines.join('') };
}

/**
 * How a command line may continue.
 * @param before the complete words, without the name of the program
 * @param word what has been typed of the next word; if that is `--name=…`, the offer is for the
 *   value
 */
export function completeLine(before: readonly string[], word: string, commands: Commands): Offer {
  const found = findCommand(before, commands);
  const { path, entry, line } = found;
  const last = line.options.at(-1);
  if (last?.option && lacksValues(last) && !line.ended) return valuesOf(last.option);
  if (isCommand(entry)) return completeCommand(entry, found, word);
  if (line.words.length > path.length || line.ended) return [];
  if (word.startsWith('-')) return describeOptions({ ...GLOBAL_OPTIONS, ...HELP_OPTIONS });
  return (entry?.children ?? commands).map(({ name, describe }) => [name, describe]);
}

function completeCommand(command: AnyCommand, { path, line }: FoundCommand, word: string): Offer {
  // we do not know what the program takes; files are the best guess
  if (command.program && line.ended) return 'files';
  const options = optionsOf(command);
  const positionals = Object.values<Option>(command.positionals ?? {});
  const positional = positionals[line.words.length - path.length];
  if (line.ended) return positional ? valuesOf(positional) : [];
  if (word.startsWith('-') && word.includes('=')) {
    const [typed] = splitLine([word], options).options;
    return typed?.option ? valuesOf(typed.option) : [];
  }
  if (positional && !word.startsWith('-')) return valuesOf(positional);
  const used = line.options.filter(({ option }) => option?.type !== 'array' || option.words);
  const names = new Set(['version', ...used.map(({ name }) => name)]);
  return describeOptions(
    Object.fromEntries(Object.entries(options).filter(([name]) => !names.has(name))),
  );
}

function valuesOf({ completes, choices }: Option): Offer {
  if (typeof completes === 'string') return completes;
  return (completes ?? choices ?? []).map((choice) => [choice]);
}

function describeOptions(options: OptionTable): Words {
  return Object.entries(options).map(([name, { describe }]) => [`--${name}`, describe]);
}

async function wordsOf(app: App, offer: Exclude<Offer, 'files'>): Promise<Words> {
  if (offer === 'profiles') return (await offeredNames(app)).map((name) => [name]);
  if (offer !== 'resources') return offer;
  return resourcesWithoutHost().map(({ name, describe }) => [name, describe]);
}

/** @returns only valid names, which no shell needs to quote; no stored ones if the file is unreadable */
async function offeredNames({ env, paths }: App): Promise<string[]> {
  const stored = await readProfiles(paths).then(profileNames, () => []);
  const ofEnv = missingVariables(env).length === 0 ? [ENV_PROFILE] : [];
  return [...stored.filter((name) => PROFILE_NAME.test(name)), ...ofEnv];
}
