/** A request as the log keeps it: what proves somebody's identity is masked. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Query and form values. */
  readonly params: Readonly<Record<string, string>>;
}

const SECRET = new Set([
  'assertion',
  'client_assertion',
  'client_secret',
  'code',
  'code_verifier',
  'device_code',
  'id_token_hint',
  'password',
  'refresh_token',
]);

export function maskParams(...sources: readonly Iterable<[string, string]>[]) {
  const all = sources.flatMap((source) => [...source]);
  return Object.fromEntries(
    all.map(([name, value]) => [name, SECRET.has(name) && value ? '***' : value]),
  );
}
