import type { IncomingMessage, ServerResponse } from 'node:http';

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A request whose form was read before oidc-provider sees it, and which may be mounted elsewhere. */
export type FormRequest = IncomingMessage & {
  body?: Record<string, string>;
  originalUrl?: string;
};

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

const BODY_LIMIT = 256 * 1024;

/**
 * Reads the form of every request and notes it, before anybody answers.
 * @param secrets gets what is masked
 */
export function logged(
  requests: LoggedRequest[],
  next: Handler,
  secrets: Set<string> = new Set(),
): Handler {
  return async (request: FormRequest, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost');
    const form = await readForm(request);
    request.body = Object.fromEntries(form);
    // logged on arrival: a client may read its answer before the connection is told to be over
    requests.push({
      method: request.method ?? '',
      path: pathname,
      params: maskParams(searchParams, form),
      get status() {
        return response.statusCode;
      },
    });
    for (const [name, value] of [...searchParams, ...form]) {
      if (SECRET.has(name) && value) secrets.add(value);
    }
    await next(request, response);
  };
}

function maskParams(...sources: readonly Iterable<[string, string]>[]) {
  const all = sources.flatMap((source) => [...source]);
  return Object.fromEntries(
    all.map(([name, value]) => [name, SECRET.has(name) && value ? '***' : value]),
  );
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > BODY_LIMIT) throw new Error('request too large');
    parts.push(part);
  }
  return new URLSearchParams(Buffer.concat(parts).toString());
}
