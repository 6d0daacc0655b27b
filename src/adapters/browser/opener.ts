import { posix, win32 } from 'node:path';
import { CliError } from '../../core/errors.ts';
import { hasDisplay, type Machine, reachesWindows, type Surroundings } from './reason.ts';

/** A program by its absolute path, and its arguments. */
export type Opener = readonly [program: string, ...args: string[]];
type Command = readonly string[];

const LINK = '%s';
const WINDOWS_ON_WSL = '/mnt/c/Windows';

/**
 * What may open the link here, the best first, as far as it is installed.
 * @param link must consist of what `safeLink` leaves
 * @param own of the profile; with it, as with `BROWSER`, nothing else is tried
 */
export function findOpeners(
  world: Surroundings,
  machine: Machine,
  link: string,
  own?: Command,
): Opener[] {
  return chooseCommands(world, machine, link, own).flatMap(([name = '', ...args]) => {
    const program = findProgram(name, world, machine);
    return program === undefined ? [] : [[program, ...args] as const];
  });
}

/**
 * The same link in characters that no program on the way takes for something else.
 * @throws CliError invalid_data when it is not https
 */
export function safeLink(url: string): string {
  const link = URL.canParse(url) ? new URL(url) : undefined;
  if (link?.protocol !== 'https:' || link.username || link.password) {
    throw new CliError('invalid_data', 'refused to open a link that is not plain https', {
      hint: 'check the authority of the profile: the link comes from there',
    });
  }
  return link.href.replace(/[^\w\-.~:/?#[\]@!&*+,;=%]/g, encode);
}

const encode = (character: string) =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

function chooseCommands(
  world: Surroundings,
  machine: Machine,
  link: string,
  own?: Command,
): readonly Command[] {
  const { env, platform } = world;
  if (own) return [[...own, link]];
  if (env['BROWSER']) return namedByUser(env['BROWSER'], platform, link);
  if (platform === 'darwin') return [['/usr/bin/open', link]];
  if (platform === 'win32') return windowsCommands(env['SystemRoot'] ?? 'C:\\Windows', '\\', link);
  return [
    ...(reachesWindows(machine) ? wslCommands(link) : []),
    ...(hasDisplay(world) ? desktopCommands(link) : []),
  ];
}

/** `firefox:chromium --new-window %s`: words may be quoted, as in a shell; there is none. */
function namedByUser(list: string, platform: NodeJS.Platform, link: string): Command[] {
  return list.split(platform === 'win32' ? ';' : ':').flatMap((text) => {
    const words = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
    const command = words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
    if (command.length === 0) return [];
    if (!command.some((word) => word.includes(LINK))) return [[...command, link]];
    return [command.map((word) => word.replaceAll(LINK, () => link))];
  });
}

/** Not `cmd /c start`: it reads `&` and `%` in the link. */
function windowsCommands(root: string, separator: '/' | '\\', link: string): Command[] {
  const at = (...parts: string[]) => [root, 'System32', ...parts].join(separator);
  const script = Buffer.from(`Start-Process '${link}'`, 'utf16le').toString('base64');
  return [
    [at('rundll32.exe'), 'url.dll,FileProtocolHandler', link],
    [
      at('WindowsPowerShell', 'v1.0', 'powershell.exe'),
      ...['-NoProfile', '-NonInteractive', '-EncodedCommand', script],
    ],
  ];
}

function wslCommands(link: string): Command[] {
  const known = windowsCommands(WINDOWS_ON_WSL, '/', link);
  // the drive may be mounted elsewhere; then the search path knows
  const named = known.map(([program = '', ...args]) => [posix.basename(program), ...args]);
  return [['wslview', link], ...known, ...named];
}

function desktopCommands(link: string): Command[] {
  const names = ['xdg-open', 'x-www-browser', 'sensible-browser', 'firefox', 'chromium'];
  return [...names, 'google-chrome'].map((name) => [name, link]);
}

/** Never in the current folder: relative names and relative folders in `PATH` do not count. */
function findProgram(
  name: string,
  { env, platform }: Surroundings,
  { isProgram }: Machine,
): string | undefined {
  const { isAbsolute, join, delimiter, basename } = platform === 'win32' ? win32 : posix;
  if (isAbsolute(name)) return isProgram(name) ? name : undefined;
  if (name === '' || basename(name) !== name) return undefined;
  const endings = platform === 'win32' ? ['', '.exe', '.com'] : [''];
  return (env['PATH'] ?? env['Path'] ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .flatMap((folder) => endings.map((ending) => join(folder, name + ending)))
    .find(isProgram);
}
