import { CliError } from '../core/errors.ts';
import type { App } from '../core/ports.ts';
import { jsonLine } from './json-text.ts';
import { cleanText } from './terminal-text.ts';

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
  const print = (text: string) => app.io.writeStderr(`${app.log.redact(text)}\n`);
  if (json) {
    print(jsonLine(errorDocument(error)));
  } else if (error.code !== 'interrupted' && error.code !== 'stdout_closed') {
    const { hint } = error.details;
    const cure = hint && !error.message.endsWith(hint) ? `try: ${cleanText(hint)}` : undefined;
    const lines = [`tokencli: ${cleanText(error.message)}`, cure, traceLine(error)];
    if (plugin) print(lines.slice(0, 2).filter(Boolean).join('; '));
    else print(lines.filter(Boolean).join('\n  '));
  }
  if (error.code === 'unexpected') app.log.debug(stackOf(failure));
  return error.exitCode;
}

function errorDocument(error: CliError): Record<string, unknown> {
  const { hint, aadsts, correlationId, traceId, retryAfter, oauthError } = error.details;
  return {
    code: error.code,
    exitCode: error.exitCode,
    message: cleanText(error.message),
    hint: hint === undefined ? undefined : cleanText(hint),
    aadsts,
    oauthError,
    correlationId,
    traceId,
    retryable: error.details.retryable ?? false,
    retryAfter,
  };
}

function traceLine(error: CliError): string | undefined {
  const { correlationId, traceId, timestamp } = error.details;
  const parts = [
    correlationId && `correlation id ${correlationId}`,
    traceId && `trace id ${traceId}`,
    timestamp,
  ].filter(Boolean);
  return parts.length > 0 ? cleanText(parts.join(', ')) : undefined;
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
