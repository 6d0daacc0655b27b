import { CliError } from '../../core/errors.ts';

/** Why a call of the keyring failed. */
export type KeyringState =
  | 'locked'
  /** No answer in time. */
  | 'silent'
  /** For any other reason. */
  | 'unavailable'
  /** No program has the name of the service on the session bus. */
  | 'absent_service'
  /** The keyring has no collection for a new entry. */
  | 'no_collection'
  /** The bus or a security module forbids the call. */
  | 'refused'
  /** The same call may succeed a moment later. */
  | 'transient'
  /** Another program deleted an entry while it was read. */
  | 'changing'
  /** The keyring works, but this entry cannot be used. */
  | 'unusable'
  /** The native module cannot be loaded. */
  | 'absent_module';

/** A call of the keyring that failed; `toCliError` words it for the user. */
export class KeyringFailure extends Error {
  readonly state: KeyringState;
  /** True if a value that was to be written is certainly not there. */
  readonly unsent: boolean;

  constructor(state: KeyringState, message: string, unsent = false) {
    super(message);
    this.state = state;
    this.unsent = unsent;
  }
}

/** @napi-rs/keyring 2.1.2 gives every error the same code, so its message has to be matched. */
const STATES: readonly [RegExp, KeyringState][] = [
  [/AppArmor|SELinux|Rejected send message|AccessDenied|AuthFailed|Permission denied/i, 'refused'],
  [/no result found/i, 'no_collection'],
  [
    /prompt was dismissed|IsLocked|locked object|-25308|-25293|interaction.{0,9}not allowed/i,
    'locked',
  ],
  [/user canceled|-128\b|denied/i, 'locked'],
  [/matched by \d+ credentials|not valid UTF-8|Ambiguous/i, 'unusable'],
  [
    /not receive a reply|NoReply|Timeout|temporarily unavailable|Disconnected|reset by peer/i,
    'transient',
  ],
  // the path of an entry (not of a collection or the service), which was listed and then deleted
  [/(?:Unknown|No ?such).{0,199}\/org\/freedesktop\/secrets\/collection\/\w+\/\w/i, 'changing'],
  [
    /not provided by|ServiceUnknown|NameHasNoOwner|connect to socket|connection refused|autolaunch|\baddress\b|No ?Server|session or Secret Service provider/i,
    'absent_service',
  ],
];

/** @param text the message of the library's error */
export function classify(text: string): KeyringFailure {
  const known = STATES.find(([pattern]) => pattern.test(text));
  return new KeyringFailure(known?.[1] ?? 'unavailable', text);
}

/** The states that only the session bus of Linux has. Elsewhere the same words mean something else. */
const OF_THE_BUS: readonly KeyringState[] = [
  'refused',
  'transient',
  'no_collection',
  'absent_service',
];

const FILE_STORE =
  'use a sealed file: TOKENCLI_STORE=file, with a passphrase or TOKENCLI_STORE_KEY';

const VISUAL_CPP = 'the Visual C++ Redistributable: winget install Microsoft.VCRedist.2015+.x64';

const UNLOCK: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'security unlock-keychain',
  linux: 'log in to the desktop, or unlock the "login" keyring',
};

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Secret Service',
  darwin: 'Keychain',
  win32: 'Credential Manager',
};

export function keyringLabel(platform: NodeJS.Platform): string {
  const name = NAMES[platform];
  return name ? `OS keyring (${name})` : 'OS keyring';
}

/** True if later calls of this process would fail too. A locked keyring may be unlocked meanwhile. */
export function isLasting({ state }: KeyringFailure): boolean {
  return !['locked', 'changing', 'unusable'].includes(state);
}

/** @param seconds the time limit, for the message about a silent keyring */
export function toCliError(
  failure: KeyringFailure,
  platform: NodeJS.Platform,
  seconds: number,
): CliError {
  const foreign = platform !== 'linux' && OF_THE_BUS.includes(failure.state);
  const state = foreign ? 'unavailable' : failure.state;
  const [message, hint] = messageAndHint(state, platform, seconds);
  const retryable = ['locked', 'changing', 'silent'].includes(failure.state);
  const { unsent } = failure;
  return new CliError('store_unavailable', message, { hint, retryable, unsent, cause: failure });
}

function messageAndHint(
  state: KeyringState,
  platform: NodeJS.Platform,
  seconds: number,
): [message: string, hint: string] {
  const unlock = UNLOCK[platform] ?? 'log in to the desktop';
  switch (state) {
    case 'locked':
      return ['the OS keyring is locked', `unlock it and try again: ${unlock}; or ${FILE_STORE}`];
    case 'refused':
      return [
        'the OS keyring may not be asked from here: access to it is denied',
        `if DBUS_SESSION_BUS_ADDRESS is another user's (sudo, su), unset it; else AppArmor, SELinux or a container forbids it; or ${FILE_STORE}`,
      ];
    case 'transient':
      return [
        'the session bus breaks off before the OS keyring has answered',
        `the bus may be another user's (sudo, su): see DBUS_SESSION_BUS_ADDRESS; or try again; or ${FILE_STORE}`,
      ];
    case 'no_collection':
      return [
        'the OS keyring has no default collection to put secrets into',
        `log in to the desktop, or make one with its password manager (seahorse); or ${FILE_STORE}`,
      ];
    case 'silent':
      return [
        `the OS keyring did not answer within ${seconds}s`,
        `it may be locked: ${unlock}; or restart its service; or ${FILE_STORE}`,
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
      // a clean Windows lacks VCRUNTIME140.dll, which the module needs
      return [
        'the module for the OS keyring cannot be loaded here',
        platform === 'win32' ? `install ${VISUAL_CPP}; or ${FILE_STORE}` : FILE_STORE,
      ];
    case 'absent_service':
      return [
        'no Secret Service answers on the session bus',
        `start gnome-keyring or KWallet; or ${FILE_STORE}`,
      ];
    case 'unavailable':
      return ['the OS keyring cannot be used', `--debug shows what it says; or ${FILE_STORE}`];
  }
}
