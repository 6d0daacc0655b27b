import type { ServerResponse } from 'node:http';
import type { Context } from 'oidc-provider';
import { type Refusal, refusal, refusalOf, refusalParameters } from './refusal.ts';

export function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>${title}</title></head>
  <body>
    <h1>${title}</h1>
    ${content}
  </body>
</html>
`;
}

export function button(action: string, text: string): string {
  return `<button name="action" value="${escapeHtml(action)}">${escapeHtml(text)}</button>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function show(response: ServerResponse, html: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
}

/** What a person sees when there is no redirect URI that the refusal could go to. */
export function showRefusal(ctx: Context, out: { error: string; error_description?: string }) {
  const why = refusalOf(ctx) ?? explain(ctx, out);
  const text = refusalParameters(why)['error_description'] ?? '';
  ctx.type = 'html';
  ctx.body = page('Sorry, but we’re having trouble signing you in.', `<p>${escapeHtml(text)}</p>`);
}

function explain(ctx: Context, out: { error: string; error_description?: string }): Refusal {
  const { client_id: client, redirect_uri: uri } = ctx.query;
  switch (out.error) {
    case 'invalid_redirect_uri':
      return refusal(
        50011,
        `The redirect URI '${uri}' specified in the request does not match the redirect URIs configured for the application '${client}'.`,
      );
    case 'invalid_client':
      return refusal(700016, `Application with identifier '${client}' was not found.`);
    default:
      return refusal(9002313, out.error_description ?? out.error);
  }
}
