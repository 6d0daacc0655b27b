import api from 'undici/lib/api/index.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';

// The package's index does this too, and loads fetch, WebSocket, caches and mocks besides, which take
// longer than a start of Node (measured).
Object.assign(Dispatcher.prototype, api);

export { Agent, EnvHttpProxyAgent };
