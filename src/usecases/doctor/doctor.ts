import { readVariable } from '../../core/env-value.ts';
import { EXIT_CODES } from '../../core/errors.ts';
import type { Flags, Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { jsonDocument } from '../../output/json-text.ts';
import { fold } from '../../output/page.ts';
import { cleanText } from '../../output/terminal-text.ts';
import { refuseContent } from '../credentials/certificate-file.ts';
import { examineReference } from '../credentials/examine-reference.ts';
import { type Finding, failed, ok } from './finding.ts';
import { checkHome, checkLock } from './home.ts';
import { closeHome } from './home-modes.ts';
import { checkBrowser, checkEngine, checkTerminal } from './machine.ts';
import { checkNetwork } from './network.ts';
import { checkStore } from './store.ts';
import { chooseTarget, type Target } from './target.ts';

export type DoctorArgs = Values<'profile'> & Flags<'json' | 'fix'>;

/**
 * Checks what tokencli needs, and says how to repair what fails. The report contains no secrets.
 */
export async function doctor(app: App, args: DoctorArgs): Promise<Outcome> {
  // first of all, because nothing is used from a home that others can write
  const closed = args.fix ? closeHome(app) : undefined;
  const target = await chooseTarget(app, args.profile);
  const { store, home, lock } = await checkPlaces(app, args, target, closed);
  const { network, clock } = await checkNetwork(app, target, args.fix === true);
  const credential = checkCredential(app, target);
  const profile = target.flaw && target.flaw.message !== home.detail && failed(target.flaw);
  const browser = await checkBrowser(app, target);
  const terminal = checkTerminal(app);
  const node = checkEngine(app);
  const all = { store, home, lock, network, clock, browser, terminal, node };
  const findings: Readonly<Record<string, Finding>> = {
    ...(profile && { profile }),
    ...all,
    ...(credential && { credential }),
  };
  const first = Object.values(findings).find(({ ok, code }) => !ok && code !== undefined);
  const columns = app.io.stdoutIsTty ? app.io.columns : undefined;
  const text = args.json ? asJson(findings) : asText(findings, columns);
  return { stdout: app.log.redact(text), exitCode: EXIT_CODES[first?.code ?? 'ok'].code };
}

/** Checks store, home and locks, unless `@env` is named, which uses none of them. */
async function checkPlaces(
  app: App,
  { profile, fix }: DoctorArgs,
  target: Target,
  closed: readonly string[] | undefined,
) {
  if (target.keepsNothing && (profile || readVariable(app.env, 'TOKENCLI_PROFILE'))) {
    const notNeeded = ok(`not needed: profile ${target.name} keeps nothing`);
    return { store: notNeeded, home: notNeeded, lock: notNeeded };
  }
  const found = {
    home: await checkHome(app, closed),
    store: await checkStore(app, target, fix === true),
    lock: await checkLock(app),
  };
  if (!target.keepsNothing) return found;
  const { home, store, lock } = found;
  return { home: withoutCode(home), store: withoutCode(store), lock: withoutCode(lock) };
}

/**
 * Checks whether the credential that a reference or a variable names could be read. Reads nothing
 * secret, and runs nothing.
 * @returns undefined if the profile has none of that kind
 */
function checkCredential(app: App, { name, credential }: Target): Finding | undefined {
  if (!credential) return undefined;
  const { variable, reference } = credential;
  try {
    if (variable && 'file' in reference) refuseContent(reference.file, { name: variable });
  } catch (error) {
    return failed(error);
  }
  const { kind, place, problem, note, cure } = examineReference(app, credential);
  const detail = `${kind}: ${place}${variable ? ` (${variable})` : ''}`;
  if (problem !== undefined) {
    const advice = variable
      ? `correct or unset ${variable}`
      : `correct it, or name another place: tokencli config edit -p ${name}`;
    // as get-token answers
    const code =
      variable && credential.kind === 'certificate' ? 'invalid_data' : 'store_unavailable';
    return { ok: false, code, detail: `${detail}: ${problem}`, cure: advice };
  }
  if (note === undefined) return ok(detail);
  if (cure === undefined) return ok(`${detail} (${note})`);
  return { ok: false, detail: `${detail}: ${note}`, cure };
}

/** Without a code the finding does not decide the exit code: `get-token` works in spite of it. */
function withoutCode({ code: _, ...finding }: Finding): Finding {
  return finding;
}

function asJson(findings: Readonly<Record<string, Finding>>): string {
  const entries = Object.entries(findings).map(([name, { ok, detail, cure = null }]) => [
    name,
    { ok, detail, cure },
  ]);
  return `${jsonDocument(Object.fromEntries(entries))}\n`;
}

function asText(findings: Readonly<Record<string, Finding>>, columns?: number): string {
  const lines = Object.entries(findings).flatMap(([name, { ok, detail, cure }]) => [
    line(`${ok ? '✓' : '✗'} ${name.padEnd(10)} `, detail, columns),
    ...(cure === undefined ? [] : [line('    try: ', cure, columns)]),
  ]);
  return `${lines.join('\n')}\n`;
}

/** On a terminal a long text goes on below its beginning. */
function line(label: string, text: string, columns: number | undefined): string {
  if (columns === undefined) return label + cleanText(text);
  return label + fold(text, columns - label.length).join(`\n${' '.repeat(label.length)}`);
}
