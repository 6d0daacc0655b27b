import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Deadline, unlessAborted } from '../../core/deadline.ts';
import type { Redirect } from '../../core/interaction.ts';
import { PAGES, type Page, redirectTo } from './page.ts';
import { type Expected, readRedirect, readTarget } from './request.ts';

/** How long a browser may take to fetch the final page. */
const PAGE_MILLISECONDS = 2000;
const pageTimeout = () => pause(PAGE_MILLISECONDS, undefined, { ref: false });

/**
 * Handles all requests: accepts the one expected redirect once, and answers every other request with
 * an error page.
 * @param keep exempts a connection from the limit on connections
 */
export function createRedirectHandler(keep: (socket: Socket) => void) {
  let expected: Expected | undefined;
  // what a browser gets that brings the redirect again; undefined until it has brought it once
  let again: Page | undefined;
  // the final page, until the browser fetches it
  let pendingPage: { path: string; page: Page; fetched: () => void } | undefined;
  let resolveRedirect: (redirect: Redirect) => void = () => {};
  const redirected = new Promise<Redirect>((resolve) => {
    resolveRedirect = resolve;
  });

  const answer = async (response: ServerResponse, page: Page): Promise<unknown> => {
    if (expected?.responseMode !== 'query') return send(response, page);
    const path = `/${randomBytes(12).toString('base64url')}`;
    const fetched = new Promise<void>((resolve) => {
      pendingPage = { path, page, fetched: resolve };
    });
    return (await send(response, redirectTo(path))) && fetched;
  };
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    if (!expected) return send(response, PAGES.rejected);
    if (pendingPage && readTarget(request, { ...expected, path: pendingPage.path }) === '') {
      const { page, fetched } = pendingPage;
      pendingPage = undefined;
      await send(response, page);
      return fetched();
    }
    const parameters = await readRedirect(request, expected);
    if (!parameters) return send(response, PAGES.rejected);
    if (again) return send(response, again);
    again = PAGES.repeated;
    keep(request.socket);
    let shown: Promise<unknown> | undefined;
    const show = (page: Page) => Promise.race([answer(response, page), pageTimeout()]);
    return resolveRedirect({
      parameters,
      answer: async (page) => {
        if (!shown) again = PAGES[page];
        shown ??= show(PAGES[page]);
        await shown;
      },
    });
  };
  return {
    handle: (request: IncomingMessage, response: ServerResponse): void => {
      void receive(request, response);
    },
    /** Says which redirect is expected. Until then every request is answered with an error page. */
    open: (wanted: Expected): void => {
      expected = wanted;
    },
    redirect: ({ signal }: Deadline) => unlessAborted(signal, redirected),
  };
}

/** Answers any request with the error page. */
export const refuse: RequestListener = (_request, response) => {
  void send(response, PAGES.rejected);
};

/**
 * Resolves when the connection is closed.
 * @returns false if it was closed before anything could be sent
 */
function send(response: ServerResponse, page: Page): Promise<boolean> {
  if (response.req.socket.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    response.on('close', () => resolve(true));
    response.sendDate = false;
    response.writeHead(page.status, page.headers).end(page.body);
  });
}
