import { startDeadline } from '../../core/deadline.ts';
import { describeSkew } from '../../core/duration.ts';
import type { Http, HttpResponse } from '../../core/http.ts';
import type { App } from '../../core/ports.ts';
import { discoverEndpoints } from '../../entra/discovery.ts';
import { utcSecond } from '../../output/dates.ts';
import { createThrottle, listWaits } from '../../tokens/throttle.ts';
import { type Finding, failed, ok } from './finding.ts';
import type { Target } from './target.ts';

const SECONDS = 30;
const LIFT = 'tokencli doctor --fix';
const CURE = 'check the connection; HTTPS_PROXY names a proxy, NO_PROXY what goes past it';

/**
 * Fetches the authority's discovery document, which checks the network and, by the `Date` header,
 * the clock. Tells which servers asked to be left alone for a while (`Retry-After`).
 * @param fix forget these waits first
 */
export async function checkNetwork(app: App, target: Target, fix: boolean) {
  const lifted = fix ? liftWaits(app) : 0;
  const { network, clock } = await askAuthority(app, target);
  const done = lifted > 0 ? ` (lifted: ${lifted} ${lifted === 1 ? 'wait' : 'waits'})` : '';
  const waits = listWaits(app.paths.throttleFolder, app.clock.now());
  if (waits.length === 0) return { network: { ...network, detail: network.detail + done }, clock };
  const told = waits.map(({ authority, until }) => `${authority} until ${utcSecond(until)}`);
  const detail = `${network.detail}; asked to be left alone: ${told.join(', ')}`;
  // what else is wrong with the network is cured first
  const isWhy = waits.some((wait) => wait.authority.startsWith(new URL(target.authority.url).host));
  const cure = network.ok || isWhy ? LIFT : network.cure;
  return { network: { ...network, detail, cure }, clock };
}

/** @returns how many there were */
function liftWaits({ paths, clock }: App): number {
  const now = () => clock.now();
  const waits = listWaits(paths.throttleFolder, now());
  const throttle = createThrottle(paths.throttleFolder, now);
  for (const { authority } of waits) throttle.forget(`https://${authority}`);
  return waits.length;
}

async function askAuthority(app: App, { authority, caFile, name }: Target) {
  const { host } = new URL(authority.url);
  const whose = name === undefined ? '' : ` (profile ${name})`;
  let answer: HttpResponse | undefined;
  try {
    const http = await app.http(caFile);
    const listening: Http = {
      ...http,
      send: async (request) => {
        answer = await http.send(request);
        return answer;
      },
    };
    await discoverEndpoints(authority, listening, startDeadline(SECONDS, app.interrupted));
    const way = answer?.proxy === undefined ? 'directly' : `through the proxy ${answer.proxy}`;
    const network = ok(`${host}${whose} answers ${way}: DNS, TCP and TLS work`);
    return { network, clock: clockOf(answer) };
  } catch (error) {
    return { network: failed(error, CURE), clock: clockOf(answer) };
  }
}

function clockOf(answer: HttpResponse | undefined): Finding {
  if (!answer?.headers['date']) {
    const detail = 'not compared: no server told its time';
    return { ok: false, detail, cure: 'cure the network first' };
  }
  if (answer.clockSkew === undefined) return ok("agrees with the server's within 5 minutes");
  return {
    ok: false,
    code: 'network',
    detail: describeSkew(answer.clockSkew),
    cure: 'set the clock, or have it set: timedatectl set-ntp true',
  };
}
