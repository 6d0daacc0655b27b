import {
  type AnyCommand,
  type Commands,
  GLOBAL_OPTIONS,
  HELP_OPTIONS,
  type Option,
  type OptionTable,
} from '../commands/command.ts';
import type { App, Outcome } from '../core/ports.ts';
import { complete, type Offer, type Words } from '../usecases/completion/complete.ts';
import { type FoundCommand, findCommand, isCommand, optionsOf } from './find-command.ts';
import { lacksValues, splitLine } from './split-line.ts';

/**
 * Answers a completion script.
 * @param asked `=` and what has been typed of the word, then the words before it
 */
export async function answerShell(
  app: App,
  [typed = '', ...before]: readonly string[],
  commands: Commands,
): Promise<Outcome> {
  const word = typed.slice(1);
  return complete(app, { word, offer: completeLine(before, word, commands) });
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
