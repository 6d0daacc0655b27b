import { arch, release } from 'node:os';
import { isCi } from '../../core/ci.ts';
import type { App } from '../../core/ports.ts';
import { type Finding, ok } from './finding.ts';
import type { Target } from './target.ts';

/** Checks whether a browser can be expected to open for a sign-in. */
export async function checkBrowser(app: App, { browserCommand }: Target): Promise<Finding> {
  const reason = (await app.browser()).reasonNotToOpen(browserCommand);
  if (reason === undefined) return ok('a browser can be expected to open');
  return {
    ok: false,
    detail: `no browser is to be expected: this is ${reason}`,
    cure: 'sign in with --no-browser or --flow DeviceCode, or name a program in BROWSER',
  };
}

/**
 * Reports which streams are terminals. Never a failure: without a terminal, no questions are asked.
 */
export function checkTerminal({ io, env, log }: App): Finding {
  const streams = { stdin: io.stdinIsTty, stdout: io.stdoutIsTty, stderr: io.stderrIsTty };
  const terminals = Object.entries(streams).flatMap(([name, isTty]) => (isTty ? [name] : []));
  const where = terminals.length > 0 ? `${terminals.join(', ')}` : 'none of the streams';
  const ci = isCi(env) ? ', CI is set' : '';
  const asks = log.interactive ? 'questions are asked' : 'no questions are asked';
  return ok(`on a terminal: ${where}${ci}; ${asks}`);
}

/** Reports whether this is the executable or the npm package, and the version of its engine. */
export function checkEngine({ version, runtime, platform, env }: App): Finding {
  const { program, engine, optionVariables, cure } = runtime;
  const options = Object.keys(env).filter((name) => optionVariables.test(name) && env[name]);
  const set = options.map((name) => `; ${name} is set`);
  const detail = `tokencli ${version}, ${program}, ${engine}, ${platform} ${release()} ${arch()}${set.join('')}`;
  return cure === undefined ? ok(detail) : { ok: false, detail, code: 'usage', cure };
}
