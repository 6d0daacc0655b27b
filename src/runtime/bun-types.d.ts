/** The part of Bun's foreign function interface that is used (https://bun.sh/docs/api/ffi). */
declare module 'bun:ffi' {
  type Pointer = number;
  interface Types {
    readonly i32: number;
    readonly u32: number;
    readonly u64: number | bigint;
    readonly ptr: Pointer | null;
    readonly cstring: Uint8Array;
  }
  interface Signature {
    readonly args: readonly (keyof Types)[];
    readonly returns: keyof Types;
  }
  type Arguments<A extends readonly (keyof Types)[]> = { [I in keyof A]: Types[A[I]] };
  export function dlopen<const S extends Readonly<Record<string, Signature>>>(
    library: string,
    signatures: S,
  ): {
    readonly symbols: {
      readonly [N in keyof S]: (...args: Arguments<S[N]['args']>) => Types[S[N]['returns']];
    };
  };
  export function ptr(view: ArrayBufferView): Pointer;
  export const read: { i32(pointer: Pointer): number };
}

/** A file embedded in the executable. Importing it gives its path. */
declare module '*.bin' {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: the bundler gives it no other name
  export default path;
}
