import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { program } from '../support/built-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { openProgram } from '../support/terminal.ts';

const SHELLS = {
  bash: ['--norc', '--noprofile', '-i'],
  zsh: ['-f', '-i'],
  fish: ['--no-config', '-i'],
} as const;
type Shell = keyof typeof SHELLS;
const LOAD = {
  bash: 'eval "$(tokencli completion bash)"',
  zsh: 'autoload -U compinit; compinit -u -D; eval "$(tokencli completion zsh)"',
  fish: 'tokencli completion fish | source',
} as const;

let stage: Stage;

beforeAll(async () => {
  stage = setStage({}, { caPem: '' } as Stage['tls']);
  const odd = ['$(touch injected)', '`touch injected`', 'a;touch injected', '-x', 'a b', '..', 7];
  const names = ['graph', 'mail.read', 'mail-send', ...odd];
  stage.writeProfiles({ schemaVersion: 1, profiles: names.map((name) => ({ name })) });
  stage.file('cert file.pem', '');
  mkdirSync(join(stage.folder, 'bin'));
  const start = (await program()).map((word) => `'${word}'`).join(' ');
  // a person's program: it answers the shell, and otherwise tells what it was given
  const wrapper = stage.file(
    'bin/tokencli',
    `#!/bin/sh
case $1 in
__complete | completion) exec ${start} "$@" ;;
esac
printf 'given:'
printf ' <%s>' "$@"
echo
`,
  );
  chmodSync(wrapper, 0o755);
});
afterAll(() => stage.remove());

/** Types lines, tabulators included, at a real shell. @returns the words of each command it ran */
async function typeAt(shell: Shell, lines: readonly string[]): Promise<string[]> {
  const terminal = openProgram([shell, ...SHELLS[shell]], {
    HOME: stage.home,
    LANG: 'C.UTF-8',
    PATH: `${join(stage.folder, 'bin')}:${process.env['PATH']}`,
    // for the words that these describe: @env
    ...{ AZURE_CLIENT_ID: 'id', AZURE_TENANT_ID: 'id', AZURE_CLIENT_SECRET: 'secret' },
  });
  try {
    const all = [`cd '${stage.folder}'`, LOAD[shell], ...lines, 'exit'];
    terminal.type(all.map((line) => `${line}\r`).join(''));
    const { out } = await terminal.ended();
    return [...out.matchAll(/given: (.*)/g)].map(([, words]) => words?.trim() ?? '');
  } finally {
    await terminal.close();
  }
}

describe.each(Object.keys(SHELLS) as Shell[])('%s', (shell) => {
  it('completes commands, options, values, profiles and files', async () => {
    const typed = await typeAt(shell, [
      'tokencli get-t\t-p gr\t--sil\t',
      'tokencli config exp\t--include-s\t-p mail.\t',
      'tokencli get-token --flow Dev\t--prompt=sel\t',
      'tokencli cert show -f cert\t',
      'tokencli config ren\tgr\tnew',
      'tokencli get-token -p @e\t',
      'tokencli get-token -p "gr\t',
      'tokencli inspect --file=cert\t',
    ]);
    expect(typed).toEqual([
      '<get-token> <-p> <graph> <--silent>',
      '<config> <export> <--include-secrets> <-p> <mail.read>',
      '<get-token> <--flow> <DeviceCode> <--prompt=select_account>',
      '<cert> <show> <-f> <cert file.pem>',
      '<config> <rename> <graph> <new>',
      '<get-token> <-p> <@env>',
      '<get-token> <-p> <graph>',
      '<inspect> <--file=cert file.pem>',
    ]);
  }, 60_000);

  it('does not depend on how the person splits words', async () => {
    const ifs = shell === 'fish' ? "set -g IFS ':'" : "IFS=':'";
    const typed = await typeAt(shell, [
      // other completions take the = out of it, that of npm for one
      ...(shell === 'bash' ? [`COMP_WORDBREAKS=' '`] : []),
      ifs,
      'tokencli get-t\t-p gr\t--sil\t',
      'tokencli get-token --flow Dev\t--prompt=sel\t',
    ]);
    expect(typed).toEqual([
      '<get-token> <-p> <graph> <--silent>',
      '<get-token> <--flow> <DeviceCode> <--prompt=select_account>',
    ]);
  }, 60_000);

  it('runs nothing of what is typed or named', async () => {
    const typed = await typeAt(shell, [
      "tokencli get-token -s ';touch injected;' -p gr\t",
      "tokencli get-token -s '$(touch injected)' -p '`touch injected`\t'",
      'tokencli get-token -p a\t',
    ]);
    expect(typed[0]).toBe('<get-token> <-s> <;touch injected;> <-p> <graph>');
    expect(typed[2]).toBe('<get-token> <-p> <a>');
    expect(existsSync(join(stage.folder, 'injected'))).toBe(false);
  }, 60_000);
});
