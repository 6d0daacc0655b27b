import { CliError } from '../../core/errors.ts';
import type { AgentFailure } from './process.ts';
import type { KeyringState } from './protocol.ts';

/** An answer of the keyring that is not a result; becomes a `CliError` before it leaves the room. */
export class KeyringFailure extends Error {
  readonly state: KeyringState;

  constructor(state: KeyringState, message: string) {
    super(message);
    this.state = state;
  }
}

const FILE_STORE = 'TOKENCLI_STORE=file with TOKENCLI_STORE_KEY keeps secrets in a sealed file';

const UNLOCK: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'security unlock-keychain',
  linux: 'log in to the desktop, or unlock the "login" keyring',
};

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Secret Service',
  darwin: 'Keychain',
  win32: 'Credential Manager',
};

export function describeKeyring(platform: NodeJS.Platform): string {
  const name = NAMES[platform];
  return name ? `OS keyring (${name})` : 'OS keyring';
}

/** True if asking again in this process cannot help. A locked keyring may be unlocked meanwhile. */
export function isLasting({ state }: KeyringFailure | AgentFailure): boolean {
  return !['locked', 'changing', 'unusable'].includes(state);
}

/** @param seconds the limit that a silent keyring has exceeded */
export function toCliError(
  failure: KeyringFailure | AgentFailure,
  platform: NodeJS.Platform,
  seconds: number,
): CliError {
  const [message, hint] = describe(failure.state, platform, seconds);
  const retryable = ['locked', 'changing', 'silent'].includes(failure.state);
  return new CliError('store_unavailable', message, { hint, retryable, cause: failure });
}

function describe(
  state: KeyringState | AgentFailure['state'],
  platform: NodeJS.Platform,
  seconds: number,
): [message: string, hint: string] {
  const unlock = UNLOCK[platform] ?? 'log in to the desktop';
  switch (state) {
    case 'locked':
      return ['the OS keyring is locked', `unlock it and try again: ${unlock}; ${FILE_STORE}`];
    case 'silent':
    case 'passing':
      return [
        `the OS keyring did not answer within ${seconds}s`,
        `it may be locked: ${unlock}; or restart its service; ${FILE_STORE}`,
      ];
    case 'changing':
      return [
        'another program kept deleting entries of the OS keyring while they were read',
        'try again when it has ended',
      ];
    case 'unusable':
      return [
        'the entry in the OS keyring cannot be used: it is not text, or it is there twice',
        `remove entries of the service tokencli that tokencli did not make, then set the secret again`,
      ];
    case 'absent_module':
      return ['the OS keyring cannot be reached from this platform', FILE_STORE];
    case 'gone':
      return ['the program that asks the OS keyring did not run', FILE_STORE];
    case 'unavailable':
      return platform === 'linux'
        ? [
            'no Secret Service answers on the session bus',
            `start gnome-keyring or KWallet; ${FILE_STORE}`,
          ]
        : ['the OS keyring cannot be used', FILE_STORE];
  }
}
