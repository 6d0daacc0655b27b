import { certCommands } from './cert.ts';
import type { Commands } from './command.ts';
import { completionCommand } from './completion.ts';
import { configCommands } from './config.ts';
import { consentCommand } from './consent.ts';
import { discoverCommand } from './discover.ts';
import { doctorCommand } from './doctor.ts';
import { execCommand } from './exec.ts';
import { getTokenCommand } from './get-token.ts';
import { gitCredentialCommand } from './git-credential.ts';
import { helpCommands } from './help.ts';
import { inspectCommand } from './inspect.ts';
import { logoutCommand } from './logout.ts';
import { refreshCommand } from './refresh.ts';

/** All commands, in the order of `--help`. */
export const COMMANDS: Commands = [
  getTokenCommand,
  refreshCommand,
  execCommand,
  inspectCommand,
  discoverCommand,
  configCommands,
  certCommands,
  consentCommand,
  logoutCommand,
  doctorCommand,
  gitCredentialCommand,
  completionCommand,
  helpCommands,
];
