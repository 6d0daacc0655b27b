import { readFileSync } from 'node:fs';
import { readLine } from '../../src/cli/read-line.ts';
import { COMMANDS } from '../../src/commands/index.ts';

/** What a line wants, without what JSON has no word for. */
export interface Reading {
  readonly command?: string;
  readonly args?: object;
  /** The words behind `--`, if any. */
  readonly program?: readonly string[];
  readonly page?: string;
  readonly version?: true;
  readonly mistake?: string;
}

export function readAsJson(argv: readonly string[]): Reading {
  const { request } = readLine(argv, COMMANDS);
  if ('command' in request) {
    const { command, args, program } = request;
    return { command: command.name, args, ...(program.length > 0 && { program }) };
  }
  return 'mistake' in request ? { mistake: request.mistake.message } : request;
}

// Bun runs this file itself: lines as JSON on stdin, what they want on stdout
if (process.versions['bun']) {
  const lines: string[][] = JSON.parse(readFileSync(0, 'utf8'));
  console.log(JSON.stringify(lines.map(readAsJson)));
}
