import process from 'node:process';
import { Writable } from 'node:stream';
import inquirer from 'inquirer';
import { CliError } from '../../core/errors.ts';
import type { Choice, Prompter } from '../../core/interaction.ts';
import type { App } from '../../core/ports.ts';
import { askTyped } from './typed-answer.ts';

type World = Pick<App, 'io' | 'interrupted'>;
type AskModule = ReturnType<typeof inquirer.createPromptModule>;
type Screen = { input: NodeJS.ReadStream; output: NodeJS.WritableStream; signal: AbortSignal };

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
    password: ({ message, validate }) =>
      choose((module) =>
        // otherwise a key of inquirer makes the password visible
        module([
          {
            type: 'password',
            name: 'answer',
            toggleMask: false,
            message,
            ...(validate && { validate: (answer: string) => validate(answer) ?? true }),
          },
        ]),
      ),
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
  // Ctrl+D closes inquirer's line reader, which pauses the input; inquirer itself would wait for
  // ever
  const end = () => ended.abort();
  const signal = AbortSignal.any([world.interrupted, ended.signal, withdrawn]);
  for (const event of ['pause', 'end', 'close', 'error']) input.on(event, end);
  try {
    const output = screenOf(world);
    return (await question({ input, output, signal })) as T; // each type of question has one type of answer
  } catch (error) {
    if (withdrawn.aborted && !world.interrupted.aborted) throw withdrawn.reason;
    throw toFailure(error, world.interrupted, ended.signal);
  } finally {
    for (const event of ['pause', 'end', 'close', 'error']) input.off(event, end);
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
function screenOf({ io }: World): NodeJS.WritableStream {
  const screen = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      io.writeStderr(String(chunk));
      done();
    },
  });
  return Object.assign(screen, { isTTY: io.stderrIsTty, columns: io.columns });
}
