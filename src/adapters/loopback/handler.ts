import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redirect, RedirectListener } from '../../core/interaction.ts';
import { PAGES, type Page, redirectTo } from './page.ts';
import { type Expected, readRedirect, readTarget } from './request.ts';

/** Milliseconds for a browser to fetch the closing page. */
const PAGE_LIMIT = 2000;
const limit = () => pause(PAGE_LIMIT, undefined, { ref: false });

/** Where requests arrive: takes the one redirect, refuses all others. */
export interface Desk {
  readonly serve: RequestListener;
  /** Before this everything is refused. */
  open(expected: Expected): void;
  readonly redirect: RedirectListener['redirect'];
}

/** A page that waits to be fetched, once. */
interface Waiting {
  readonly path: string;
  readonly page: Page;
  fetched(): void;
}

/** @param keep saves a connection from being closed for a newer one */
export function createDesk(keep: (socket: Socket) => void): Desk {
  let expected: Expected | undefined;
  let taken = false;
  let waiting: Waiting | undefined;
  let arrive: (redirect: Redirect) => void = () => {};
  const arrived = new Promise<Redirect>((resolve) => {
    arrive = resolve;
  });

  const answer = async (response: ServerResponse, page: Page): Promise<unknown> => {
    if (expected?.responseMode !== 'query') return send(response, page);
    const path = `/${randomBytes(12).toString('base64url')}`;
    const fetched = new Promise<void>((resolve) => {
      waiting = { path, page, fetched: resolve };
    });
    return (await send(response, redirectTo(path))) && fetched;
  };
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    if (!expected) return send(response, PAGES.refusal);
    if (waiting && readTarget(request, { ...expected, path: waiting.path }) === '') {
      const { page, fetched } = waiting;
      waiting = undefined;
      await send(response, page);
      return fetched();
    }
    const parameters = taken ? undefined : await readRedirect(request, expected);
    if (!parameters || taken) return send(response, PAGES.refusal);
    taken = true;
    keep(request.socket);
    let shown: Promise<unknown> | undefined;
    const show = (page: Page) => Promise.race([answer(response, page), limit()]);
    return arrive({
      parameters,
      answer: async (page) => {
        shown ??= show(PAGES[page]);
        await shown;
      },
    });
  };
  return {
    serve: (request, response) => {
      void receive(request, response);
    },
    open: (wanted) => {
      expected = wanted;
    },
    redirect: ({ signal }) =>
      new Promise((resolve, reject) => {
        const stop = () => reject(signal.reason);
        if (signal.aborted) return stop();
        signal.addEventListener('abort', stop, { once: true });
        void arrived.then((redirect) => {
          signal.removeEventListener('abort', stop);
          resolve(redirect);
        });
      }),
  };
}

/** The answer to whatever is not the one redirect. */
export const refuse: RequestListener = (_request, response) => {
  void send(response, PAGES.refusal);
};

/** Resolves when the connection has ended. @returns false if it had ended before */
function send(response: ServerResponse, page: Page): Promise<boolean> {
  if (response.req.socket.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    response.on('close', () => resolve(true));
    response.sendDate = false;
    response.writeHead(page.status, page.headers).end(page.body);
  });
}
