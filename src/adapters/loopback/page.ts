import { createHash } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';

/** A response to a browser. Pages are constant: no part of a request appears in them. */
export interface Page {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

const STYLE = `
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --text: #1b1f24; --soft: #57606a; --line: #d9dee4; --good: #1a7f37; --bad: #b42318; }
@media (prefers-color-scheme: dark) { :root { --back: #0f1317; --card: #171c22; --text: #e8ecf0; --soft: #a3adb8; --line: #2a323b; --good: #4ac26b; --bad: #ff8478; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 26rem; width: 100%; padding: 2.5rem 2rem; text-align: center; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
svg { width: 3.5rem; height: 3.5rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.good svg { color: var(--good); }
.bad svg { color: var(--bad); }
h1 { margin: 1rem 0 .5rem; font-size: 1.4rem; line-height: 1.25; }
p { margin: 0; color: var(--soft); text-wrap: balance; }
footer { margin-top: 1.5rem; font-size: .85rem; color: var(--soft); }
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const HEADERS = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
};

const SIGNS = {
  good: '<path d="m7.5 12.5 3 3 6-6.5"/>',
  bad: '<path d="m8.5 8.5 7 7m0-7-7 7"/>',
} as const;

const ONE_ONLY = 'This address takes the answer of one sign-in only. ';

export const PAGES = {
  success: page(200, 'good', 'You are signed in', ''),
  failure: page(200, 'bad', 'The sign-in did not work', 'Your terminal says why. '),
  repeated: page(
    200,
    'good',
    'This sign-in has arrived already',
    'Your terminal says how it went. ',
  ),
  rejected: page(400, 'bad', 'Nothing to see here', ONE_ONLY),
} as const;

/**
 * Redirects the browser, so that the URL with the authorization code does not stay in its history.
 */
export function redirectTo(path: string): Page {
  return { status: 303, headers: { ...HEADERS, location: path, 'content-length': 0 }, body: '' };
}

/** The whole HTTP response as text, for a request that Node's HTTP parser rejected. */
export function toHttpText({ status, headers, body }: Page): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Bad Request\r\n${lines.join('')}\r\n${body}`;
}

function page(status: number, mood: keyof typeof SIGNS, title: string, text: string): Page {
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – tokencli</title>
<style>${STYLE}</style>
</head>
<body>
<main class="${mood}">
<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/>${SIGNS[mood]}</svg>
<h1>${title}</h1>
<p>${text}You can close this tab.</p>
<footer>tokencli</footer>
</main>
</body>
</html>
`;
  const headers = {
    ...HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  };
  return { status, headers, body };
}
