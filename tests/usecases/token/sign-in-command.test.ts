import { expect, it } from '@jest/globals';
import { redact } from '../../../src/output/redact.ts';
import { signInCommand } from '../../../src/usecases/token/token-options.ts';

const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1702682181"}}}';

it('a value that begins with a dash, and a claims challenge, are shown as they must be typed', () => {
  const args = { 'login-hint': '-x', claims: CLAIMS, flow: 'DeviceCode' };
  const command = signInCommand('me', args);
  expect(command).toBe(
    `tokencli get-token -p me -f DeviceCode --login-hint=-x --claims '${CLAIMS}'`,
  );
  expect(redact(command, [])).toBe(command);
});
