import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Deadline } from '../../core/deadline.ts';
import { CliError, type ErrorDetails } from '../../core/errors.ts';
import type { Authority, TokenClientOptions } from '../../core/oauth.ts';
import type { App, Http } from '../../core/ports.ts';
import { discoverEndpoints, type Endpoints } from '../../entra/discovery.ts';
import { createEndpointMemory, type EndpointMemory } from '../../entra/remembered-endpoints.ts';

/** Where requests go; undefined wherever MSAL knows that by itself. @throws CliError network, … */
export interface EndpointFinder {
  /** Asks the authority, and remembers what it says. */
  ask(authority: Authority, deadline: Deadline): Promise<Endpoints | undefined>;
  /**
   * Sends a request to what is remembered, else to what the authority says now. If what was
   * remembered is not there any more, the request is sent once more to what is there instead.
   */
  reach<T>(
    authority: Authority,
    deadline: Deadline,
    send: (endpoints: Endpoints | undefined) => Promise<T>,
  ): Promise<T>;
}

/** Answers of a place where there is no such endpoint: what was sent there is not spent. */
const NOT_HERE = [404, 405, 410];

export function createEndpointFinder(
  app: App,
  http: Http,
  { caFile, useCache }: TokenClientOptions,
): EndpointFinder {
  let opened: EndpointMemory | undefined;
  const memory = () => {
    if (useCache) opened ??= openMemory(app, caFile);
    return opened;
  };
  const discover = async (authority: Authority, deadline: Deadline) => {
    const endpoints = await discoverEndpoints(authority, http, deadline);
    try {
      memory()?.remember(authority, endpoints);
    } catch (error) {
      app.log.debug(`endpoints: not remembered: ${String(error)}`);
    }
    return endpoints;
  };
  return {
    ask: async (authority, deadline) =>
      authority.known ? undefined : discover(authority, deadline),

    reach: async (authority, deadline, send) => {
      if (authority.known) return send(undefined);
      const remembered = memory()?.recall(authority);
      if (!remembered) return send(await discover(authority, deadline));
      try {
        return await send(remembered);
      } catch (failure) {
        const { tokenEndpoint } = remembered;
        const isGone = isNotThere(failure, tokenEndpoint, authority);
        // a refusal in the words of OAuth comes from the right place
        if (!isGone && detailsOf(failure).oauthError !== undefined) throw failure;
        app.log.debug(`endpoints: those remembered of ${authority.url} are forgotten`);
        memory()?.forget(authority);
        if (!isGone) throw failure;
        const found = await discover(authority, deadline);
        if (found.tokenEndpoint === tokenEndpoint) throw failure;
        return send(found);
      }
    },
  };
}

function isNotThere(failure: unknown, endpoint: string, { url }: Authority): boolean {
  const { status, unsent } = detailsOf(failure);
  if (status !== undefined) return NOT_HERE.includes(status);
  // where the authority itself cannot be reached, it cannot be asked either
  return unsent === true && new URL(endpoint).origin !== new URL(url).origin;
}

function detailsOf(failure: unknown): ErrorDetails {
  return failure instanceof CliError ? failure.details : {};
}

function openMemory(app: App, caFile: string | undefined): EndpointMemory {
  const authorities = [caFile, app.env['NODE_EXTRA_CA_CERTS']];
  const trust = JSON.stringify(authorities.map((path) => path && [path, digestOf(path)]));
  return createEndpointMemory(app.paths.endpointsFolder, trust, () => app.clock.now());
}

function digestOf(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    // who reads the file says what is wrong with it
    return undefined;
  }
}
