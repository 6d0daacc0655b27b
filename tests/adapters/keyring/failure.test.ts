import { expect, it } from '@jest/globals';
import { classify, KeyringFailure, toCliError } from '../../../src/adapters/keyring/failure.ts';

it.each([
  { platform: 'win32', names: 'winget install Microsoft.VCRedist.2015+.x64' },
  { platform: 'darwin', names: 'TOKENCLI_STORE=file' },
  { platform: 'linux', names: 'TOKENCLI_STORE=file' },
] as const)('names what a missing module needs on $platform', ({ platform, names }) => {
  const failure = toCliError(new KeyringFailure('absent_module', 'no module'), platform, 3);
  expect(failure.details.hint).toContain(names);
});

it.each([
  { text: 'Permission denied', linux: 'access to it is denied' },
  { text: 'Timeout was reached', linux: 'the session bus breaks off' },
  { text: 'no result found', linux: 'no default collection' },
  { text: 'the address is not valid', linux: 'no Secret Service' },
])('takes "$text" for trouble with the session bus on Linux alone', ({ text, linux }) => {
  expect(toCliError(classify(text), 'linux', 3).message).toContain(linux);
  for (const platform of ['win32', 'darwin'] as const) {
    const { message, details } = toCliError(classify(text), platform, 3);
    expect(message).toBe('the OS keyring cannot be used');
    expect(details.hint).not.toMatch(/DBUS|gnome|seahorse/);
  }
});
