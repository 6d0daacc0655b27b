import type { Prompter } from '../../src/core/interaction.ts';

export interface FakePrompter extends Prompter {
  /** The messages of the questions, in order. */
  readonly asked: readonly string[];
  /** What a person was told about refused answers. */
  readonly refused: readonly string[];
}

/**
 * Answers questions from a script: for each kind of question the next answer; a refused answer is
 * followed by the next one. An empty text takes the default.
 */
export function createFakePrompter(answers: readonly (string | boolean)[]): FakePrompter {
  const left = [...answers];
  const asked: string[] = [];
  const refused: string[] = [];
  const next = (message: string) => {
    const answer = left.shift();
    if (answer === undefined) throw new Error(`nobody answers: ${message}`);
    return answer;
  };
  const type: Prompter['input'] = async ({ message, default: initial, validate }) => {
    asked.push(message);
    for (;;) {
      const typed = String(next(message));
      const answer = typed === '' && initial !== undefined ? initial : typed;
      const wrong = validate?.(answer);
      if (wrong === undefined) return answer;
      refused.push(wrong);
    }
  };
  return {
    asked,
    refused,
    input: type,
    password: type,
    select: async (message, choices) => {
      asked.push(message);
      const answer = next(message);
      const chosen = choices.find(({ value, name }) => value === answer || name === answer);
      if (!chosen) throw new Error(`no such choice for ${message}: ${answer}`);
      return chosen.value;
    },
    confirm: async (message) => {
      asked.push(message);
      return next(message) === true;
    },
  };
}
