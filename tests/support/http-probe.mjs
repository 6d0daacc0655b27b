// Sends the requests that stdin names, one after the other, and prints how each ended. It is run by
// Bun, which loads the source as it stands.
import { createHttp } from '../../src/adapters/http/http.ts';
import { startDeadline } from '../../src/core/deadline.ts';
import { createNetworkApp } from './network-app.ts';

const never = new AbortController().signal;
let text = '';
for await (const part of process.stdin) text += part;
for (const { url, env = {}, caFile, seconds = 20 } of JSON.parse(text)) {
  const { app } = createNetworkApp({ ...process.env, ...env });
  const start = performance.now();
  const end = await send(app, caFile, url, seconds);
  console.log(JSON.stringify({ ...end, milliseconds: performance.now() - start }));
}

async function send(app, caFile, url, seconds) {
  try {
    const deadline = startDeadline(seconds, never);
    const http = createHttp(app, caFile);
    const { status, body } = await http.send({ method: 'GET', url, deadline, repeat: 'never' });
    return { status, length: body.length };
  } catch (error) {
    return { failed: error.message };
  }
}
