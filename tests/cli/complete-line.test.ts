import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { completeLine } from '../../src/cli/complete-line.ts';
import {
  type AnyCommand,
  type CommandGroup,
  GLOBAL_OPTIONS,
  type Option,
} from '../../src/commands/command.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { FLOW_NAMES } from '../../src/core/flow-names.ts';
import { type Stage, setStage } from '../support/stage.ts';

/** What is offered for the last word of the line. */
function offered(line: string): string | string[] {
  const words = line === '' ? [] : line.split(' ');
  const offer = completeLine(words.slice(0, -1), words.at(-1) ?? '', COMMANDS);
  return typeof offer === 'string' ? offer : offer.map(([word]) => word);
}

const named = ({ name }: AnyCommand | CommandGroup) => name;

describe('what a line may go on with', () => {
  it('is every command there is, and every option of each', () => {
    expect(offered('')).toEqual(COMMANDS.map(named));
    const visit = (entry: AnyCommand | CommandGroup, above: string) => {
      const path = `${above}${named(entry)} `;
      if ('children' in entry) {
        expect(offered(path)).toEqual(entry.children.map(named));
        for (const child of entry.children) visit(child, path);
        return;
      }
      const names = [...Object.keys({ ...entry.options, ...GLOBAL_OPTIONS }), 'help'];
      expect(offered(`${path}-`)).toEqual(names.map((name) => `--${name}`));
      for (const [name, { describe: text }] of Object.entries<Option>(entry.options)) {
        if (/\bFILE\b/.test(text)) expect(offered(`${path}--${name} `)).toBe('files');
      }
    };
    for (const entry of COMMANDS) visit(entry, '');
  });

  it.each([
    ['get-token -p ', 'profiles'],
    ['get-token --silent --profile=gr', 'profiles'],
    ['config export -p a -p ', 'profiles'],
    ['get-token --resource ', 'resources'],
    ['config rename ', 'profiles'],
    ['config default ', 'profiles'],
    ['config rename old ', []],
    ['config create -p ', []],
    ['get-token --flow ', [...FLOW_NAMES]],
    ['get-token -f=', [...FLOW_NAMES]],
    ['config edit --cloud ', ['public', 'usgov', 'china']],
    ['completion ', ['bash', 'zsh', 'fish', 'powershell']],
    ['inspect -f ', 'files'],
    ['inspect --diff a ', 'files'],
    ['config create --certificate ', 'files'],
    ['get-token --client-id ', []],
    ['get-token --unknown=', []],
    ['get-token -- ', []],
    ['config default -- ', 'profiles'],
    ['exec -p a --allow ', 'resources'],
    ['exec -p a -- git -', 'files'],
    ['--json get-token -p ', 'profiles'],
    ['--prompt ', ['login', 'select_account', 'consent', 'none', 'create', 'default']],
    ['--json cert ', ['create', 'show']],
    ['nonsense ', []],
    ['config nonsense ', []],
    ['constructor ', []],
  ])('%j: %j', (line, words) => {
    expect(offered(line)).toEqual(words);
  });

  it('is no option that is there already, by whatever name, unless it may come again', () => {
    const left = offered('get-token -p a --json -s b stray --__proto__ -');
    expect(left).toContain('--scope');
    expect(left).not.toContain('--profile');
    expect(left).not.toContain('--json');
    expect(offered('inspect --diff a b -')).not.toContain('--diff');
  });
});

describe('the answer to a shell', () => {
  let stage: Stage;
  const ask = (...words: string[]) => stage.run(['__complete', ...words]);
  const nothing = { code: 0, out: '', err: '' };

  beforeAll(() => {
    stage = setStage();
  });
  afterAll(() => stage.remove());

  it('has the words that begin as what is typed, and what they mean', async () => {
    expect((await ask('=re')).out).toBe('refresh\tget a new token without asking a person\n');
    expect((await ask('=--prompt=l', 'get-token')).out).toBe('--prompt=login\n');
    expect((await ask('=', 'inspect', '-f')).out).toBe(':files\n');
    expect((await ask('=gr', 'get-token', '--resource')).out).toBe('graph\tMicrosoft Graph\n');
    expect((await ask('=sharepoint', 'get-token', '--resource')).out).toBe('');
    expect(await ask('=x', 'get-token', '--unknown', '-p')).toMatchObject(nothing);
  });

  it('has the names of profiles that are names, of a file that the schema refuses too', async () => {
    const names = [
      'good',
      'two words',
      '$(id)',
      '-p',
      'a\nb',
      'é',
      5,
      null,
      'x'.repeat(65),
      'next',
    ];
    stage.writeProfiles({ profiles: [...names.map((name) => ({ name })), null, 'text'] });
    expect(await ask('=', 'get-token', '-p')).toMatchObject({ ...nothing, out: 'good\nnext\n' });
  });

  it.each(['', '{', '[]', 'null', '{"profiles":{}}', '{"profiles":"abc"}', '\0\0'])(
    'is empty and no failure with %j as profiles.json',
    async (text) => {
      stage.writeProfiles(text);
      expect(await ask('=', 'get-token', '-p')).toMatchObject(nothing);
    },
  );

  it('is empty without a readable file', async () => {
    const path = join(stage.home, '.tokencli', 'profiles.json');
    rmSync(path);
    expect(await ask('=', 'get-token', '-p')).toMatchObject(nothing);
    mkdirSync(path);
    expect(await ask('=', 'get-token', '-p')).toMatchObject(nothing);
    rmSync(path, { recursive: true });
    writeFileSync(path, '{"profiles":[{"name":"own"}]}');
    chmodSync(path, 0o600);
    expect((await ask('=', 'get-token', '-p')).out).toBe('own\n');
  });
});

describe('completion', () => {
  it.each([[[]], [['tcsh']], [['bash', 'zsh']]])('refuses %j', async (words) => {
    const stage = setStage();
    try {
      const { code, out, err } = await stage.run(['completion', ...words]);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^.+\n.*tokencli completion --help\n$/);
    } finally {
      stage.remove();
    }
  });
});
