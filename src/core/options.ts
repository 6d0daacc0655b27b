/**
 * Options of a command as its use case gets them, by their long names: those with a value, those
 * without one, and those that may be repeated.
 */

export type Values<Name extends string> = { readonly [Each in Name]?: string | undefined };

export type Flags<Name extends string> = { readonly [Each in Name]?: boolean | undefined };

export type Lists<Name extends string> = {
  readonly [Each in Name]?: readonly string[] | undefined;
};
