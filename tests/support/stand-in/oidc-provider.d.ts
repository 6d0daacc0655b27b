/** The part of oidc-provider that the stand-in uses; the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export type Form = Record<string, string | undefined>;

  export interface OidcClient {
    readonly clientId: string;
    readonly clientSecretExpiresAt?: number;
    grantTypeAllowed(name: string): boolean;
    metadata(): Record<string, unknown>;
  }

  export interface Grant {
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }

  export type ResponseMode = (
    ctx: Context,
    redirectUri: string,
    payload: Record<string, unknown>,
  ) => unknown;

  /** Koa's context with the provider's own part. */
  export interface Context {
    readonly method: string;
    readonly path: string;
    readonly query: Form;
    readonly req: IncomingMessage & { body?: Form };
    status: number;
    body: unknown;
    type: string;
    set(name: string, value: string): void;
    readonly oidc: {
      readonly provider: Provider;
      readonly route: string;
      readonly client?: OidcClient;
      readonly params: Form;
      readonly body?: Form;
      readonly session?: { readonly accountId?: string };
      /** What the person has done so far. */
      readonly result?: { readonly login?: object; readonly consent?: object };
      readonly entities: {
        readonly Account?: { readonly accountId: string };
        readonly Grant?: { readonly jti: string };
      };
    };
  }

  export interface InteractionDetails {
    readonly uid: string;
    readonly prompt: { readonly name: string };
    readonly params: Form;
    readonly session?: { readonly accountId?: string };
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    issuer: string;
    readonly Client: {
      find(id: string): Promise<OidcClient | undefined>;
      prototype: { compareClientSecret(this: OidcClient, actual: string): boolean };
    };
    readonly RefreshToken: { revokeByGrantId(id: string): Promise<void> };
    readonly ReplayDetection: { unique: (...values: unknown[]) => Promise<boolean> };
    readonly Grant: new (values: {
      clientId: string;
      accountId: string;
    }) => Grant;
    use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void>): this;
    registerResponseMode(name: string, send: ResponseMode): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    on(event: string, listener: (...values: unknown[]) => void): this;
    interactionDetails(req: IncomingMessage, res: ServerResponse): Promise<InteractionDetails>;
    interactionFinished(req: IncomingMessage, res: ServerResponse, result: object): Promise<void>;
  }

  export const errors: {
    readonly CustomOIDCProviderError: new (error: string, description: string) => Error;
    readonly InvalidClientAuth: new (detail: string) => Error;
  };

  export class Check {
    constructor(reason: string, description: string, check: (ctx: Context) => boolean);
  }

  export class Prompt {
    constructor(about: { name: string; requestable: boolean });
    readonly checks: { add(check: Check): void; remove(name: string): void };
  }

  export const interactionPolicy: {
    readonly Check: typeof Check;
    readonly Prompt: typeof Prompt;
    base(): { get(name: string): Prompt; add(prompt: Prompt, index?: number): void };
  };
}
