import { certCommands } from './cert.ts';
import type { AnyCommand, CommandGroup } from './command.ts';
import { completionCommand } from './completion.ts';
import { configCommands } from './config.ts';
import { consentCommand } from './consent.ts';
import { doctorCommand } from './doctor.ts';
import { FREQUENT_COMMANDS } from './frequent.ts';
import { helpCommands } from './help.ts';
import { logoutCommand } from './logout.ts';

/** Every command there is, in the order of `--help`. */
export const COMMANDS: readonly (AnyCommand | CommandGroup)[] = [
  ...FREQUENT_COMMANDS,
  configCommands,
  certCommands,
  consentCommand,
  logoutCommand,
  doctorCommand,
  completionCommand,
  helpCommands,
];
