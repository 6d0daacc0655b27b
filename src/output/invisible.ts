/**
 * Characters that a terminal obeys or hides, apart from C0: DEL and C1, bidirectional marks and
 * overrides, zero-width and line separators, tags, the byte order mark. For a class in a `u` pattern.
 */
export const INVISIBLE =
  '\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}';
