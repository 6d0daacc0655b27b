import { CliError } from '../core/errors.ts';
import type { App, Log } from '../core/ports.ts';
import { jsonLine } from './json-text.ts';
import { cleanText, cut } from './terminal-text.ts';

/**
 * Prints a failure on stderr: a line and a hint, or with `--json` a JSON document. Nothing is
 * printed for an interrupt or for a closed stdout.
 * @param how with `plugin`, message and hint are one line, because kubectl shows it several times
 * @returns the exit code
 */
export function printFailure(
  app: App,
  failure: unknown,
  { json, plugin }: { readonly json: boolean; readonly plugin: boolean },
): number {
  const error = failure instanceof CliError ? failure : unexpected(failure);
  const print = (text: string) => app.io.writeStderr(`${text}\n`);
  const clean = (text: string) => cleanText(app.log.redact(text));
  if (json) {
    print(jsonLine(errorDocument(error, app.log)));
  } else if (error.code !== 'interrupted' && error.code !== 'stdout_closed') {
    const { hint } = error.details;
    const cure = hint && !error.message.endsWith(hint) ? `try: ${clean(hint)}` : undefined;
    const lines = [`tokencli: ${clean(error.message)}`, cure, traceOf(error).map(clean).join(', ')];
    if (plugin) print(lines.slice(0, 2).filter(Boolean).join('; '));
    else print(lines.filter(Boolean).join('\n  '));
  }
  if (error.code === 'unexpected') stackOf(failure).split('\n').forEach(app.log.debug);
  return error.exitCode;
}

function errorDocument(error: CliError, log: Pick<Log, 'redact'>): Record<string, unknown> {
  const { hint, aadsts, correlationId, traceId, retryable, retryAfter, oauthError } = error.details;
  const short = (text: string | undefined) => text && cut(log.redact(text));
  return {
    code: error.code,
    exitCode: error.exitCode,
    message: cleanText(log.redact(error.message)),
    hint: hint && cleanText(log.redact(hint)),
    aadsts,
    oauthError: short(oauthError),
    correlationId: short(correlationId),
    traceId: short(traceId),
    retryable: retryable ?? false,
    retryAfter,
  };
}

function traceOf({ details: { correlationId, traceId, timestamp } }: CliError): string[] {
  return [
    ...(correlationId ? [`correlation id ${correlationId}`] : []),
    ...(traceId ? [`trace id ${traceId}`] : []),
    ...(timestamp ? [timestamp] : []),
  ];
}

function unexpected(failure: unknown): CliError {
  const message = failure instanceof Error ? failure.message : String(failure);
  return new CliError('unexpected', `unexpected: ${message}`, {
    hint: 'run again with --debug and report what it says',
    cause: failure,
  });
}

function stackOf(failure: unknown): string {
  return failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
}
