import { posix } from 'node:path';
import { readVariable } from '../../core/env-value.ts';
import { CliError } from '../../core/errors.ts';
import { findProgram } from '../../core/find-program.ts';
import { type Environment, hasDisplay, type Machine, reachesWindows } from './environment.ts';

/** A program by its absolute path, and its arguments. */
export type Opener = readonly [program: string, ...args: string[]];
type Command = readonly string[];

/** Stands for the link in `BROWSER`. */
const LINK = '%s';
const WINDOWS_ON_WSL = '/mnt/c/Windows';

/**
 * The installed programs that may open the link, the best first.
 * @param link from `safeLink`
 * @param own the profile's `browserCommand`; with it, or with `BROWSER`, no other program is tried
 */
export function findOpeners(
  world: Environment,
  machine: Machine,
  link: string,
  own?: Command,
): Opener[] {
  return chooseCommands(world, machine, link, own).flatMap(([name = '', ...args]) => {
    const program = findProgram(name, world, machine.isProgram);
    return program === undefined ? [] : [[program, ...args] as const];
  });
}

/**
 * Percent-encodes every character that a shell or an opener could interpret.
 * @throws CliError invalid_data if the link is not https
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
  world: Environment,
  machine: Machine,
  link: string,
  own?: Command,
): readonly Command[] {
  const { env, platform } = world;
  if (own) return [[...own, link]];
  const named = readVariable(env, 'BROWSER');
  if (named !== undefined) return namedByUser(named, platform, link);
  if (platform === 'darwin') return [['/usr/bin/open', link]];
  if (platform === 'win32') return windowsCommands(env['SystemRoot'] ?? 'C:\\Windows', '\\', link);
  return [
    ...(reachesWindows(machine) ? wslCommands(link) : []),
    ...(hasDisplay(world) ? desktopCommands(link) : []),
  ];
}

/** Parses `BROWSER`: `firefox:chromium --new-window %s`. Words may be quoted; no shell is used. */
function namedByUser(list: string, platform: NodeJS.Platform, link: string): Command[] {
  return list.split(platform === 'win32' ? ';' : ':').flatMap((text) => {
    const words = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
    const command = words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
    if (command.length === 0) return [];
    if (!command.some((word) => word.includes(LINK))) return [[...command, link]];
    return [command.map((word) => word.replaceAll(LINK, () => link))];
  });
}

/** `cmd /c start` is not used, because it interprets `&` and `%` in the link. */
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
  // the Windows drive may be mounted elsewhere; then the programs are looked up in PATH
  const named = known.map(([program = '', ...args]) => [posix.basename(program), ...args]);
  return [['wslview', link], ...known, ...named];
}

function desktopCommands(link: string): Command[] {
  const names = ['xdg-open', 'x-www-browser', 'sensible-browser', 'firefox', 'chromium'];
  return [...names, 'google-chrome'].map((name) => [name, link]);
}
