/**
 * Where a value came from: one of these words, the name of a variable (`AZURE_CLIENT_ID`), or what a
 * reference in a profile names (`the file /run/secret`).
 */
export type Source = 'flag' | 'profile' | 'default' | (string & {});

export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
}

/** The parts of a request that may be why the identity provider refuses it. */
export type RequestPart = 'clientId' | 'tenantId' | 'authority' | 'credential';

/** Where the parts of a request came from; a part that nobody had to name is absent. */
export type Origins = Readonly<Partial<Record<RequestPart, Source>>>;

const FLAGS: Readonly<Record<RequestPart, string>> = {
  clientId: '--client-id',
  tenantId: '--tenant',
  authority: '--authority',
  credential: '--certificate',
};

/**
 * The flags, variables and references that some parts came from, as they are written, each once. A
 * part that came from the profile or a default has none.
 */
export function sourcesOutsideProfile(
  origins: Origins | undefined,
  parts: readonly RequestPart[],
): string[] {
  const names = parts.flatMap((part) => {
    const source = origins?.[part];
    if (source === undefined || source === 'profile' || source === 'default') return [];
    return [source === 'flag' ? FLAGS[part] : source];
  });
  return [...new Set(names)];
}

/** The hint to correct values that do not come from the profile, which an edit of it cannot correct. */
export function correctionHint(names: readonly string[]): string {
  const flags = names.filter((name) => name.startsWith('-'));
  const references = names.filter(isReference);
  const variables = names.filter((name) => !name.startsWith('-') && !isReference(name));
  const lines = [
    ...(references.length > 0 ? [`correct ${references.join(' and ')}`] : []),
    ...(flags.length > 0 ? [`correct ${flags.join(' and ')}`] : []),
    ...(variables.length > 0 ? [`correct or unset ${variables.join(' and ')}`] : []),
  ];
  return lines.join(', ');
}

/** True for `the file /run/secret`, which cannot be unset as a variable can. */
function isReference(name: string): boolean {
  return name.includes(' ');
}
