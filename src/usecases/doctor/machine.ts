import { arch, release } from 'node:os';
import type { App } from '../../core/ports.ts';
import { type Finding, sound } from './finding.ts';
import type { Patient } from './target.ts';

const OLDEST_NODE = [20, 19] as const;

export async function checkBrowser(app: App, { browserCommand }: Patient): Promise<Finding> {
  const obstacle = (await app.browser()).obstacle(browserCommand);
  if (obstacle === undefined) return sound('a browser can be expected to open');
  return {
    ok: false,
    detail: `no browser is to be expected: this is ${obstacle}`,
    cure: 'sign in with --no-browser or --flow DeviceCode, or name a program in BROWSER',
  };
}

/** A pipe is no illness; it only means that nobody is asked anything. */
export function checkTerminal({ io, env, log }: App): Finding {
  const streams = { stdin: io.stdinIsTty, stdout: io.stdoutIsTty, stderr: io.stderrIsTty };
  const terminals = Object.entries(streams).flatMap(([name, isTty]) => (isTty ? [name] : []));
  const where = terminals.length > 0 ? `${terminals.join(', ')}` : 'none of the streams';
  const ci = env['CI'] ? ', CI is set' : '';
  const asks = log.interactive ? 'questions are asked' : 'no questions are asked';
  return sound(`on a terminal: ${where}${ci}; ${asks}`);
}

export function checkNode({ version, nodeVersion, platform }: App): Finding {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number);
  const [oldest, least] = OLDEST_NODE;
  const detail = `tokencli ${version}, Node.js ${nodeVersion}, ${platform} ${release()} ${arch()}`;
  if (major > oldest || (major === oldest && minor >= least)) return sound(detail);
  return {
    ok: false,
    detail,
    code: 'usage',
    cure: `install Node.js ${OLDEST_NODE.join('.')} or newer`,
  };
}
