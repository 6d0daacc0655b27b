import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Form, InteractionDetails, Provider } from 'oidc-provider';
import type { StandInUser } from './apps.ts';
import { missingConsent } from './consent.ts';
import { type Directory, findUser, objectId } from './directory.ts';
import { button, escapeHtml, page, show } from './pages.ts';
import { keepConsent } from './sign-in-rules.ts';

/** What a person sees and presses: accounts, user name and password, permissions. */
export function createSignIn(provider: Provider, directory: Directory) {
  return async (request: IncomingMessage, response: ServerResponse, form: Form): Promise<void> => {
    const details = await provider.interactionDetails(request, response);
    const finish = (result: object) => provider.interactionFinished(request, response, result);
    const { prompt, params, session } = details;
    const choosing = prompt.name === 'select_account';
    switch (request.method === 'GET' ? 'show' : form['action']) {
      case 'show':
        return show(response, firstPage(directory, details));
      case 'cancel':
        return finish({ error: 'access_denied', ...(prompt.name === 'consent' && DECLINED) });
      case 'accept':
        keepConsent(directory, whoAndWhat(details), params['asked_scope']);
        return finish({ consent: {} });
      case 'other':
        return show(response, signInPage({}, ''));
      case 'same':
        if (session?.accountId) return finish({ select_account: {} });
    }
    const user = checkPassword(directory, form);
    if (!user) return show(response, signInPage(params, 'Your account or password is incorrect.'));
    const login = { accountId: objectId(user.username) };
    return finish({ login, ...(choosing && { select_account: {} }) });
  };
}

export function checkPassword({ users }: Directory, form: Form): StandInUser | undefined {
  return users.find(
    ({ username, password }) =>
      username.toLowerCase() === form['username']?.toLowerCase() && password === form['password'],
  );
}

/** Told apart from a cancelled sign-in, of which Entra says no more than that. */
const DECLINED = { error_description: 'declined' };

function firstPage(directory: Directory, details: InteractionDetails): string {
  const { prompt, params, session } = details;
  if (prompt.name === 'consent') return consentPage(directory, details);
  const user = findUser(directory, session?.accountId ?? '');
  return prompt.name === 'select_account' && user
    ? accountPage(user.username)
    : signInPage(params, '');
}

function accountPage(username: string): string {
  return form(
    'Pick an account',
    button('same', username) + button('other', 'Use another account') + button('cancel', 'Back'),
  );
}

export function signInPage(params: Form, problem: string): string {
  return form(
    'Sign in',
    `<p role="alert">${escapeHtml(problem)}</p>
    <label>User name <input name="username" value="${escapeHtml(params['login_hint'] ?? '')}"></label>
    <label>Password <input name="password" type="password"></label>
    ${button('sign-in', 'Sign in')}
    ${button('cancel', 'Back')}`,
  );
}

function consentPage(directory: Directory, details: InteractionDetails): string {
  const { client_id: client = '', asked_scope: scope } = details.params;
  const missing = missingConsent(directory, whoAndWhat(details), scope);
  const names = missing.map((name) => `<li>${escapeHtml(name)}</li>`).join('');
  return form(
    'Permissions requested',
    `<p>${escapeHtml(client)} would like to:</p>
    <ul>${names}</ul>
    ${button('accept', 'Accept')}
    ${button('cancel', 'Cancel')}`,
  );
}

function whoAndWhat({ params, session }: InteractionDetails) {
  return { account: session?.accountId ?? '', client: params['client_id'] ?? '' };
}

function form(title: string, content: string): string {
  return page(title, `<form method="post">${content}</form>`);
}
