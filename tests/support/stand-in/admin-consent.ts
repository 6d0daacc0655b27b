import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Form } from 'oidc-provider';
import type { Directory } from './directory.ts';
import { button, escapeHtml, page, show } from './pages.ts';
import { refusal, refusalParameters } from './refusal.ts';
import { checkPassword, signInPage } from './sign-in-page.ts';

/** `/adminconsent` and `/v2.0/adminconsent`: an administrator allows an application for a tenant. */
export const ADMIN_CONSENT = /^(\/v2\.0)?\/adminconsent$/;

export function createAdminConsent(directory: Directory) {
  return async (request: IncomingMessage, response: ServerResponse, form: Form): Promise<void> => {
    const { searchParams } = new URL(request.url ?? '/', 'https://localhost');
    const problem = findProblem(directory, searchParams);
    if (problem) {
      const { error_description: text = '' } = refusalParameters(problem);
      return show(response, page('Sorry', `<p>${escapeHtml(text)}</p>`));
    }
    switch (request.method === 'GET' ? 'show' : form['action']) {
      case 'accept':
        return sendBack(response, searchParams, { tenant: directory.tenant });
      case 'cancel': {
        const declined = refusal(65004, 'User declined to consent to access the app.');
        return sendBack(response, searchParams, refusalParameters(declined));
      }
      case 'sign-in':
        if (!checkPassword(directory, form)) {
          return show(response, signInPage({}, 'Your account or password is incorrect.'));
        }
        return show(response, consentPage(searchParams));
    }
    return show(response, signInPage({}, ''));
  };
}

function consentPage(asked: URLSearchParams): string {
  const about = `${asked.get('client_id')} asks for ${asked.get('scope') ?? 'all that it needs'}`;
  const buttons = button('accept', 'Accept') + button('cancel', 'Cancel');
  return page(
    'Permissions requested',
    `<form method="post"><p>${escapeHtml(about)} for your organization.</p>${buttons}</form>`,
  );
}

function sendBack(response: ServerResponse, asked: URLSearchParams, answer: Form): void {
  const location = new URL(asked.get('redirect_uri') ?? '');
  const also = { admin_consent: 'True', scope: asked.get('scope'), state: asked.get('state') };
  for (const [name, value] of Object.entries({ ...answer, ...also })) {
    if (value) location.searchParams.set(name, value);
  }
  response.writeHead(302, { location: location.href }).end();
}

function findProblem({ clients, tenant }: Directory, asked: URLSearchParams) {
  const id = asked.get('client_id');
  const uri = asked.get('redirect_uri') ?? '';
  const client = clients.find((one) => one.id === id);
  if (!client) {
    return refusal(700016, `Application with identifier '${id}' was not found in '${tenant}'.`);
  }
  const anyPort = uri.replace(/^http:\/\/localhost:\d+/, 'http://localhost').replace(/\/$/, '');
  if ([uri, anyPort].some((one) => client.redirectUris?.includes(one))) return undefined;
  return refusal(
    50011,
    `The redirect URI '${uri}' specified in the request does not match the redirect URIs configured for the application '${id}'.`,
  );
}
