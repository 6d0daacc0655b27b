import type { AnyCommand } from './command.ts';
import { discoverCommand } from './discover.ts';
import { getTokenCommand } from './get-token.ts';
import { inspectCommand } from './inspect.ts';
import { refreshCommand } from './refresh.ts';

/** The commands that run in loops and in pipes: a start is spared what all the others say of themselves. */
export const FREQUENT_COMMANDS: readonly AnyCommand[] = [
  getTokenCommand,
  refreshCommand,
  inspectCommand,
  discoverCommand,
];
