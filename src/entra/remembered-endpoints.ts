import type { Authority } from '../core/oauth.ts';
import { createTtlFileStore } from '../core/ttl-file-store.ts';
import { checkEndpoints, type Endpoints } from './discovery.ts';

/** What authorities said about themselves, for the processes that come after. */
export interface EndpointMemory {
  /** @returns undefined also for whatever a discovery document could not have said */
  recall(authority: Authority): Endpoints | undefined;
  /** @throws CliError io */
  remember(authority: Authority, endpoints: Endpoints): void;
  forget(authority: Authority): void;
}

/** As long as MSAL keeps its own metadata of an authority. */
const GOOD_SECONDS = 24 * 3600;

/**
 * One small file per authority, protocol and trust.
 * @param trust names by what certificates a connection was trusted: an answer serves no other
 * @param now seconds since the epoch
 */
export function createEndpointMemory(
  folder: string,
  trust: string,
  now: () => number,
): EndpointMemory {
  const setting = { folder, suffix: '.endpoints', longestSeconds: GOOD_SECONDS, now };
  const memory = createTtlFileStore(setting);
  const subjectOf = ({ url, protocol }: Authority) => JSON.stringify([url, protocol, trust]);
  return {
    recall: (authority) => {
      const found = memory.recall(subjectOf(authority));
      const { url, protocol } = authority;
      if (found?.['authority'] !== url || found['protocol'] !== protocol) return undefined;
      try {
        return checkEndpoints({ ...(found['endpoints'] as object) }, authority);
      } catch {
        // the authority itself can be asked
        return undefined;
      }
    },
    remember: (authority, endpoints) => {
      const { url, protocol } = authority;
      const content = { authority: url, protocol, endpoints };
      memory.remember(subjectOf(authority), content, GOOD_SECONDS);
    },
    forget: (authority) => memory.forget(subjectOf(authority)),
  };
}
