import type { Context } from 'oidc-provider';
import { missingConsent } from './consent.ts';
import { type Directory, objectId } from './directory.ts';
import { consentsOf } from './memory.ts';
import type { OidcModule } from './provider-module.ts';

/** Which page comes next, if any: accounts, sign-in, consent. */
export function signInRules({ interactionPolicy }: OidcModule, directory: Directory): object {
  const { base, Check, Prompt } = interactionPolicy;
  const policy = base();
  policy.add(new Prompt({ name: 'select_account', requestable: true }), 0);
  policy.get('login').checks.add(
    new Check('other_account', 'login_hint names somebody else', ({ oidc }) => {
      const hint = oidc.params['login_hint'];
      if (!hint || !oidc.session?.accountId || oidc.result?.login) return false;
      return objectId(hint) !== oidc.session.accountId;
    }),
  );
  const { checks } = policy.get('consent');
  checks.remove('native_client_prompt');
  checks.add(
    new Check('not_given', 'a permission was not consented to', (ctx) => {
      if (ctx.oidc.result?.consent) return false;
      return missingConsent(directory, whoAndWhat(ctx), ctx.oidc.params['asked_scope']).length > 0;
    }),
  );
  return policy;
}

/** Keeps what the person has just accepted. */
export function keepConsent(
  directory: Directory,
  who: { readonly account: string; readonly client: string },
  scope: string | undefined,
): void {
  const given = consentsOf(directory.memory, who.account, who.client);
  for (const name of missingConsent(directory, who, scope)) given.add(name);
}

function whoAndWhat({ oidc }: Context): { account: string; client: string } {
  return { account: oidc.session?.accountId ?? '', client: oidc.client?.clientId ?? '' };
}
