import { describe, expect, it } from '@jest/globals';
import { describeDuration, parseDuration } from '../../src/core/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['90', 90],
    ['90s', 90],
    ['10m', 600],
    ['1h', 3600],
    [' 5m ', 300],
    ['0', 0],
    ['720h', 2_592_000],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseDuration(text, '--min-ttl')).toBe(seconds);
  });

  it.each(['', 'm', '5 m', '-5m', '1d', '1.5h', '1e3', '5mm', '721h', '99999999', 'NaN'])(
    'refuses "%s" with the option and the value in the message',
    (text) => {
      expect(() => parseDuration(text, '--min-ttl')).toThrow(
        `--min-ttl takes a duration such as 90s, 10m or 1h, not "${text}"`,
      );
    },
  );
});

describe('describeDuration', () => {
  it.each([
    [-5, '0s'],
    [59.9, '59s'],
    [60, '1m'],
    [3600, '1h'],
    [3900, '1h 5m'],
    [47 * 3600, '47h'],
    [76 * 3600, '3d 4h'],
    [96 * 3600, '4d'],
  ])('%d seconds read as %s', (seconds, text) => {
    expect(describeDuration(seconds)).toBe(text);
  });
});
