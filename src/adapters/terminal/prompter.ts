import process from 'node:process';
import { Writable } from 'node:stream';
import inquirer from 'inquirer';
import { CliError } from '../../core/errors.ts';
import type { Choice, Prompter } from '../../core/interaction.ts';
import type { App } from '../../core/ports.ts';
import { askMasked } from './masked-answer.ts';
import { askTyped } from './typed-answer.ts';
import { watchInput } from './watch-input.ts';

type World = Pick<App, 'io' | 'interrupted'>;
type AskModule = ReturnType<typeof inquirer.createPromptModule>;
type Screen = { input: NodeJS.ReadStream; output: NodeJS.WritableStream; signal: AbortSignal };

const SHOW_CURSOR = '\u001b[?25h';
/** What inquirer writes to move the cursor and erase the question, before it draws it again. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal obeys
const ERASING = /^(?:\u001b\[\d*[A-K])+/;

/** Asks questions on stderr, because stdout is for the result. Keys are read from `input`. */
export function createPrompter(world: World, input: NodeJS.ReadStream = process.stdin): Prompter {
  const choose = <T>(question: (module: AskModule) => Promise<{ answer: unknown }>): Promise<T> =>
    askOnce(world, input, async (screen) => {
      const { answer } = await question(inquirer.createPromptModule(screen));
      return answer;
    });
  return {
    input: ({ signal, ...question }) =>
      askOnce(world, input, (screen) => askTyped(question, screen), signal),
    password: (question) => askOnce(world, input, (screen) => askMasked(question, screen)),
    select: <T extends string>(message: string, choices: readonly Choice<T>[]) =>
      choose<T>((module) =>
        module([{ type: 'select', name: 'answer', message, loop: false, choices: [...choices] }]),
      ),
    confirm: (message, initial) =>
      choose((module) => module([{ type: 'confirm', name: 'answer', message, default: initial }])),
  };
}

async function askOnce<T>(
  world: World,
  input: NodeJS.ReadStream,
  question: (screen: Screen) => Promise<unknown>,
  withdrawn: AbortSignal = new AbortController().signal,
): Promise<T> {
  const ended = new AbortController();
  const signal = AbortSignal.any([world.interrupted, ended.signal, withdrawn]);
  const { output, redraw } = screenOf(world);
  const unwatch = watchInput(input, {
    end: () => ended.abort(),
    beforeStop: () => world.io.writeStderr(SHOW_CURSOR),
    afterStop: redraw,
  });
  try {
    return (await question({ input, output, signal })) as T; // each type of question has one type of answer
  } catch (error) {
    if (withdrawn.aborted && !world.interrupted.aborted) throw withdrawn.reason;
    throw toFailure(error, world.interrupted, ended.signal);
  } finally {
    unwatch();
  }
}

function toFailure(error: unknown, interrupted: AbortSignal, ended: AbortSignal): unknown {
  if (interrupted.aborted) return interrupted.reason;
  if (error instanceof Error && error.name === 'ExitPromptError') {
    return new CliError('interrupted', 'interrupted', { cause: error });
  }
  if (!ended.aborted) return error;
  return new CliError('usage', 'the input ended before the question was answered', {
    hint: 'give the value by a flag; --help names them',
    cause: error,
  });
}

/** Created for each question, because inquirer ends the stream after the answer. */
function screenOf({ io }: World): { output: NodeJS.WritableStream; redraw: () => void } {
  let drawn = '';
  const screen = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      const text = String(chunk);
      drawn = text.replace(ERASING, '') || drawn;
      io.writeStderr(text);
      done();
    },
  });
  const output = Object.assign(screen, { isTTY: io.stderrIsTty, columns: io.columns });
  return { output, redraw: () => io.writeStderr(drawn) };
}
