export type OidcModule = typeof import('oidc-provider');

/** oidc-provider is loaded late, so that its notice about Node 20 can be muted before. */
export async function loadProvider(): Promise<OidcModule> {
  const url = URL as typeof URL & { parse?: (text: string, base?: string) => URL | null };
  // Node 20 lacks URL.parse, which oidc-provider calls
  url.parse ??= (text, base) => (URL.canParse(text, base) ? new URL(text, base) : null);
  if (structuredClone({}).constructor !== Object) globalThis.structuredClone = copy;
  return import('oidc-provider');
}

/** Inside jest the built-in one makes objects of another realm, which oidc-provider refuses. */
function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copy(part)])) as T;
}

/** Keeps oidc-provider's notices about its own set-up out of the output. @returns undoes it */
export function muteNotices(): () => void {
  const { info, warn } = console;
  const filtered =
    (print: typeof console.warn): typeof console.warn =>
    (...values) => {
      if (!String(values[0]).includes('oidc-provider ')) print(...values);
    };
  console.info = filtered(info);
  console.warn = filtered(warn);
  return () => Object.assign(console, { info, warn });
}
