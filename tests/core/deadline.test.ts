import { expect, it } from '@jest/globals';
import { sleep, startDeadline } from '../../src/core/deadline.ts';
import { CliError } from '../../src/core/errors.ts';

const never = new AbortController().signal;

it('ends a sleep with a network error that names the limit', async () => {
  const deadline = startDeadline(0.05, never);
  await expect(sleep(60_000, deadline)).rejects.toMatchObject({
    code: 'network',
    message: 'no result within 0.05s',
  });
  expect(deadline.remaining()).toBe(0);
});

it('an interrupt ends it with the reason of the interrupt', async () => {
  const interrupt = new AbortController();
  const deadline = startDeadline(60, interrupt.signal);
  const sleeping = sleep(60_000, deadline);
  interrupt.abort(new CliError('interrupted', 'interrupted'));
  await expect(sleeping).rejects.toMatchObject({ code: 'interrupted' });
  await expect(sleep(1, deadline)).rejects.toMatchObject({ code: 'interrupted' });
});

it.each([
  ['a month', 30 * 24 * 3600],
  ['forever', Number.POSITIVE_INFINITY],
])('%s is not over at once, though no timer takes so long', async (_, seconds) => {
  const long = startDeadline(seconds, never);
  await expect(sleep(50, long)).resolves.toBeUndefined();
  expect(long.signal.aborted).toBe(false);
  await expect(sleep(seconds * 1000, startDeadline(0.05, never))).rejects.toMatchObject({
    code: 'network',
  });
});

it('a sleep that is shorter than the limit just ends', async () => {
  await expect(sleep(5, startDeadline(60, never))).resolves.toBeUndefined();
});
