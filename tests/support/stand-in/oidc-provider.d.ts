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

  /** Koa's context with the provider's own part. */
  export interface Context {
    readonly method: string;
    readonly path: string;
    readonly query: Form;
    readonly req: IncomingMessage & { body?: Form };
    status: number;
    body: unknown;
    set(name: string, value: string): void;
    readonly oidc: {
      readonly provider: Provider;
      readonly route: string;
      readonly client?: OidcClient;
      readonly params: Form;
      readonly body?: Form;
      readonly session?: { readonly accountId?: string };
      readonly entities: { readonly Account?: { readonly accountId: string } };
    };
  }

  export interface InteractionDetails {
    readonly uid: string;
    readonly prompt: { readonly name: string };
    readonly params: Form;
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    issuer: string;
    readonly Client: { find(id: string): Promise<OidcClient | undefined> };
    readonly ReplayDetection: { unique: (...values: unknown[]) => Promise<boolean> };
    readonly Grant: new (values: {
      clientId: string;
      accountId: string;
    }) => Grant;
    use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void>): this;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    on(event: string, listener: (...values: unknown[]) => void): this;
    interactionDetails(req: IncomingMessage, res: ServerResponse): Promise<InteractionDetails>;
    interactionFinished(req: IncomingMessage, res: ServerResponse, result: object): Promise<void>;
  }

  export const errors: {
    readonly CustomOIDCProviderError: new (error: string, description: string) => Error;
    readonly InvalidClientAuth: new (detail: string) => Error;
  };

  export const interactionPolicy: {
    base(): { get(name: string): { readonly checks: { remove(name: string): void } } };
  };
}
