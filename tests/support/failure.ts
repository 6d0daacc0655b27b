import { CliError } from '../../src/core/errors.ts';

/** @returns code, message and hint of the error that the act must end with */
export function failure(act: () => unknown): [string, string, string | undefined] {
  try {
    act();
  } catch (error) {
    if (error instanceof CliError) return [error.code, error.message, error.details.hint];
    throw error;
  }
  throw new Error('it did not fail');
}
