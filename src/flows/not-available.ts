import { CliError } from '../core/errors.ts';
import type { Flow } from './flow.ts';

/** A flow that profiles may name before this version can run it. */
export const notAvailable: Flow = async ({ flow }) => {
  throw new CliError('usage', `the flow ${flow} is not available yet`, {
    hint: 'use -f ClientCredentials with a client secret or a certificate',
  });
};
