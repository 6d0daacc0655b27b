import { type Directory, objectId } from './directory.ts';
import type { Family } from './memory.ts';
import { type Refusal, refusal } from './refusal.ts';

/** Conditional access: a condition on the tokens for one resource. */
export interface AccessPolicy {
  /** Application ID URI. */
  readonly resource: string;
  /**
   * 50076 and 50079 ask for a second factor, which a sign-in for the resource, or one that carries
   * the challenge, gives. Nothing that a person does here helps against the others.
   */
  readonly number: 50076 | 50079 | 53000 | 53003 | 530033 | 530084;
}

const CURABLE: readonly number[] = [50076, 50079];

/** Challenges that a `claims` parameter names (Entra "Claims challenges"). */
export function challenges(claims: string | undefined): string[] {
  const { capolids, acrs } = accessTokenClaims(claims);
  return [capolids, acrs].flatMap((asked) => [...(asked?.values ?? []), asked?.value ?? []].flat());
}

export function policyId({ resource }: AccessPolicy): string {
  return objectId(`policy for ${resource}`);
}

/** Policies that a sign-in for this resource meets on its way. */
export function metBySigningIn(directory: Directory, resource: string): string[] {
  return directory.accessPolicies.filter((policy) => policy.resource === resource).map(policyId);
}

/**
 * Why there is no token, if a policy is in the way.
 * @param claims what the token request brought
 */
export function blocked(
  directory: Directory,
  family: Family | undefined,
  resource: string,
  claims: string | undefined,
): Refusal | undefined {
  const policies = directory.accessPolicies.filter((policy) => policy.resource === resource);
  const final = policies.find(({ number }) => !CURABLE.includes(number));
  if (final) return { ...refusal(final.number, texts[final.number]), suberror: 'message_only' };

  const open = policies.find((policy) => !family?.passed.has(policyId(policy)));
  if (open) return challenge(open.number, 'capolids', policyId(open));
  const missing = challenges(claims).find((id) => !family?.passed.has(id));
  return missing === undefined ? undefined : challenge(50076, 'acrs', missing);
}

function challenge(number: AccessPolicy['number'], kind: string, id: string): Refusal {
  const claims = { access_token: { [kind]: { essential: true, values: [id] } } };
  return {
    ...refusal(number, texts[number]),
    suberror: 'basic_action',
    claims: JSON.stringify(claims),
  };
}

const FACTOR =
  'Due to a configuration change made by your administrator, or because you moved to a new location, you must';
const texts: Readonly<Record<AccessPolicy['number'], string>> = {
  50076: `${FACTOR} use multi-factor authentication to access the resource.`,
  50079: `${FACTOR} enroll in multi-factor authentication to access the resource.`,
  53000:
    'Device is not in required device state: compliant. Conditional Access policy requires a compliant device, and the device is not compliant.',
  53003:
    'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  530033:
    'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance through device code flow.',
  530084: 'Access has been blocked by conditional access token protection policy.',
};

interface Asked {
  readonly value?: string;
  readonly values?: readonly string[];
}

function accessTokenClaims(claims: string | undefined): { capolids?: Asked; acrs?: Asked } {
  try {
    return JSON.parse(claims ?? '{}').access_token ?? {};
  } catch {
    return {};
  }
}
