import { CliError } from '../core/errors.ts';

/** @returns the failure at a file of the home; where a variable names the home, that is the cure */
export function blameHome(variable: string | undefined, error: unknown): unknown {
  if (!(error instanceof CliError) || variable === undefined) return error;
  const { hint } = error.details;
  if (hint?.includes(variable)) return error;
  const cure = `correct or unset ${variable}`;
  return error.with({ hint: hint === undefined ? cure : `${hint}; or ${cure}` });
}
