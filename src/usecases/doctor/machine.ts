import { arch, release } from 'node:os';
import type { App } from '../../core/ports.ts';
import { type Finding, ok } from './finding.ts';
import type { Target } from './target.ts';

export async function checkBrowser(app: App, { browserCommand }: Target): Promise<Finding> {
  const reason = (await app.browser()).reasonAgainst(browserCommand);
  if (reason === undefined) return ok('a browser can be expected to open');
  return {
    ok: false,
    detail: `no browser is to be expected: this is ${reason}`,
    cure: 'sign in with --no-browser or --flow DeviceCode, or name a program in BROWSER',
  };
}

/** A pipe is no failed; it only means that nobody is asked anything. */
export function checkTerminal({ io, env, log }: App): Finding {
  const streams = { stdin: io.stdinIsTty, stdout: io.stdoutIsTty, stderr: io.stderrIsTty };
  const terminals = Object.entries(streams).flatMap(([name, isTty]) => (isTty ? [name] : []));
  const where = terminals.length > 0 ? `${terminals.join(', ')}` : 'none of the streams';
  const ci = env['CI'] ? ', CI is set' : '';
  const asks = log.interactive ? 'questions are asked' : 'no questions are asked';
  return ok(`on a terminal: ${where}${ci}; ${asks}`);
}

/** Which of the two programs this is, and what runs it. */
export function checkEngine({ version, runtime, platform, env }: App): Finding {
  const { program, engine, optionVariables, cure } = runtime;
  const set = optionVariables.filter((name) => env[name]).map((name) => `; ${name} is set`);
  const detail = `tokencli ${version}, ${program}, ${engine}, ${platform} ${release()} ${arch()}${set.join('')}`;
  return cure === undefined ? ok(detail) : { ok: false, detail, code: 'usage', cure };
}
