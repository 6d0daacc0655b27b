/** @returns what the work returns; undefined if it throws, for whatever reason */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
