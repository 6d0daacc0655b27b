import { EXIT_CODES } from '../core/errors.ts';
import { type CommandGroup, defineCommand } from './command.ts';

const helpExitCodesCommand = defineCommand({
  name: 'exit-codes',
  describe: 'the exit codes and when each is given',
  options: {},
  load: async () => async () => {
    const rows = Object.entries(EXIT_CODES).map(
      ([name, { code, when }]) => `${String(code).padStart(3)}  ${name.padEnd(21)} ${when}\n`,
    );
    return { stdout: rows.join('') };
  },
});

const helpResourcesCommand = defineCommand({
  name: 'resources',
  describe: 'the short names for --resource, and what they mean in each cloud',
  options: {},
  load: async () => (await import('../usecases/help/resources.ts')).helpResources,
});

export const helpCommands: CommandGroup = {
  name: 'help',
  describe: 'the page of a command, or a topic: exit-codes, resources',
  children: [helpExitCodesCommand, helpResourcesCommand],
};
