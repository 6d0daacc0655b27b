import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Form, Provider } from 'oidc-provider';
import { type Directory, objectId } from './directory.ts';

/** Sign-in by user name and password, and a consent page where the request demands one. */
export function createSignIn(provider: Provider, directory: Directory) {
  return async (request: IncomingMessage, response: ServerResponse, form: Form): Promise<void> => {
    const { prompt, params } = await provider.interactionDetails(request, response);
    if (request.method === 'GET') {
      const page = prompt.name === 'consent' ? consentPage(params) : signInPage(params, '');
      return show(response, page);
    }
    if (form['action'] === 'cancel') {
      const denied = { error: 'access_denied', error_description: 'AADSTS65004: User declined.' };
      return provider.interactionFinished(request, response, denied);
    }
    if (prompt.name === 'consent') {
      return provider.interactionFinished(request, response, { consent: {} });
    }
    const user = directory.users.find(
      ({ username, password }) =>
        username.toLowerCase() === form['username']?.toLowerCase() && password === form['password'],
    );
    if (!user) return show(response, signInPage(params, 'Your account or password is incorrect.'));
    const accountId = objectId(user.username);
    return provider.interactionFinished(request, response, { login: { accountId } });
  };
}

function signInPage(params: Form, problem: string): string {
  return page(
    'Sign in',
    `<p role="alert">${escapeHtml(problem)}</p>
    <label>User name <input name="username" value="${escapeHtml(params['login_hint'] ?? '')}"></label>
    <label>Password <input name="password" type="password"></label>
    <button name="action" value="sign-in">Sign in</button>`,
  );
}

function consentPage(params: Form): string {
  return page(
    'Permissions requested',
    `<p>${escapeHtml(params['client_id'] ?? '')} asks for ${escapeHtml(params['scope'] ?? '')}</p>
    <button name="action" value="accept">Accept</button>`,
  );
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>${title}</title></head>
  <body>
    <h1>${title}</h1>
    <form method="post">
    ${content}
    <button name="action" value="cancel">Cancel</button>
    </form>
  </body>
</html>
`;
}

function show(response: ServerResponse, html: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
