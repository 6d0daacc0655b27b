import { LINE_CHANGES, TOKEN_CHANGES } from './cache-changes.ts';
import type { Draft } from './draft.ts';
import { FILE_CHANGES } from './file-changes.ts';
import { PROFILE_CHANGES } from './profile-changes.ts';
import type { World } from './world.ts';

/** One thing that is otherwise about a home than the command itself would have left it. */
export interface Change {
  readonly what: keyof typeof CHANGES;
  readonly profile: string;
  /** Which of several variants, or where. */
  readonly at: number;
  /** Seconds of life left, or how far ahead of the clock. */
  readonly seconds: number;
}

const CHANGES = { ...PROFILE_CHANGES, ...TOKEN_CHANGES, ...LINE_CHANGES, ...FILE_CHANGES };
/** Those that have many variants, more often. */
const OFTEN: readonly Change['what'][] = [
  'profiles.json in another spelling',
  'a wrong head',
  'an odd header',
  'a changed byte in the cache file',
  'a strange line',
  'the token has so much life',
];
export const CHANGE_NAMES: readonly Change['what'][] = [
  ...(Object.keys(CHANGES) as Change['what'][]),
  ...Array(8).fill(OFTEN).flat(),
];

/** Makes the change to the draft. @param now seconds since the epoch */
export function applyChange(world: World, draft: Draft, { what, ...rest }: Change, now: number) {
  CHANGES[what]({ ...rest, world, draft, now });
}
