import { SHELL_NAMES } from '../core/names.ts';
import { defineCommand, required } from './command.ts';

export const completionCommand = defineCommand({
  name: 'completion',
  describe: 'print the script by which a shell completes commands, options, profiles',
  positionals: { shell: { ...required('the shell that reads it'), choices: SHELL_NAMES } },
  options: {},
  examples: [
    ['eval "$(tokencli completion bash)"', 'in ~/.bashrc'],
    ['eval "$(tokencli completion zsh)"', 'in ~/.zshrc, behind compinit'],
    ['tokencli completion fish | source', 'in ~/.config/fish/config.fish'],
    ['tokencli completion powershell | Out-String | Invoke-Expression', 'in the file $PROFILE'],
  ],
  load: async () => {
    const { completionScript } = await import('../usecases/completion/completion.ts');
    return (_app, args) => completionScript(args);
  },
});
