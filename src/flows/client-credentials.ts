import type { Flow } from './flow.ts';

/** RFC 6749 section 4.4: the application itself is the one who signs in. */
export const clientCredentials: Flow = async (request, context) => {
  const { authority, clientId, scopes, sendX5c, thumbprint, claims } = request;
  const credential = await context.credential();
  const client = await context.tokenClient();
  return client.clientCredentials(
    {
      authority,
      clientId,
      scopes,
      sendX5c,
      thumbprint,
      credential,
      ...(claims !== undefined && { claims }),
      facts: { profile: request.profile, tenantId: request.tenantId, flow: request.flow },
    },
    context.deadline,
  );
};
