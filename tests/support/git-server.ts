import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createGunzip } from 'node:zlib';
import type { TestCa } from './tls.ts';

/** A git server on loopback with TLS, which takes a token as the password of Basic. */
export interface GitServer {
  /** `localhost:PORT` */
  readonly host: string;
  /** The passwords that came, in order of arrival. */
  readonly passwords: string[];
  /** Tells a token that is taken. */
  accepts: (password: string) => boolean;
  close(): Promise<void>;
}

/** @param root the folder of the repositories */
export async function startGitServer(tls: TestCa, root: string): Promise<GitServer> {
  const passwords: string[] = [];
  const server = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
    const [, basic = ''] = /^Basic (.*)$/.exec(request.headers.authorization ?? '') ?? [];
    const [user, password = ''] = Buffer.from(basic, 'base64').toString().split(':');
    if (password) passwords.push(password);
    if (user === 'tokencli' && git.accepts(password)) return runBackend(request, response, root);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const git: GitServer = {
    host: `localhost:${(server.address() as AddressInfo).port}`,
    passwords,
    accepts: () => true,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return git;
}

/** As a web server does: CGI (RFC 3875). */
function runBackend(request: IncomingMessage, response: ServerResponse, root: string): void {
  const url = new URL(request.url ?? '/', 'https://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'],
      GIT_PROTOCOL: request.headers['git-protocol']?.toString(),
      REMOTE_USER: 'tokencli',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const packed = request.headers['content-encoding'] === 'gzip';
  (packed ? request.pipe(createGunzip()) : request).pipe(backend.stdin);
  const parts: Buffer[] = [];
  backend.stdout.on('data', (part) => parts.push(part));
  backend.on('close', () => {
    const answer = Buffer.concat(parts);
    const end = answer.indexOf('\r\n\r\n');
    const lines = answer.subarray(0, end).toString().split('\r\n');
    const headers = lines.map((line) => line.split(': ', 2) as [string, string]);
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers));
    response.end(answer.subarray(end + 4));
  });
}
