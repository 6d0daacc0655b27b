import { CliError, EXIT_CODES } from '../../core/errors.ts';
import type { Flags, Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { describeDate, isoDate } from '../../output/dates.ts';
import { jsonDocument } from '../../output/json-text.ts';
import { formatTable } from '../../output/table.ts';
import { selectProfile } from '../../profiles/choose-profile.ts';
import { readProfiles } from '../../profiles/store.ts';
import { type Expiration, findExpirations } from './expirations.ts';

export type CheckArgs = Values<'profile' | 'warn-days'> & Flags<'all' | 'json'>;

type Status = 'ok' | 'unknown' | 'notYet' | 'endsSoon' | 'ended' | 'unreadable';

interface Finding extends Expiration {
  readonly status: Status;
  readonly daysLeft: number | null;
}

interface ProfileReport {
  readonly name: string;
  readonly findings: readonly Finding[];
}

const DAY_SECONDS = 86_400;
const DEFAULT_WARN_DAYS = 30;

/**
 * Tells when credentials and refresh tokens end. Exit code 6 if one ends within the limit, or is not
 * valid yet.
 */
export async function checkProfiles(app: App, args: CheckArgs): Promise<Outcome> {
  const warnDays = parseDays(args['warn-days']);
  if (args.all === true && args.profile !== undefined) {
    throw new CliError('usage', 'give a profile or --all, not both');
  }
  const file = await readProfiles(app.paths);
  const profiles =
    args.all === true ? file.profiles : [selectProfile(file, { flag: args.profile, env: app.env })];
  const reports: ProfileReport[] = [];
  for (const profile of profiles) {
    const expirations = await findExpirations(app, file, profile);
    const findings = expirations.map((expiration) => judge(expiration, app.clock.now(), warnDays));
    reports.push({ name: profile.name, findings });
  }
  if (file.profiles.length + file.broken.length === 0) {
    throw new CliError('profile_not_found', 'there is no profile yet', {
      hint: 'tokencli config create',
    });
  }
  const broken = args.all === true ? file.broken : [];
  const exitCode = broken.length > 0 ? EXIT_CODES.invalid_data.code : exitCodeOf(reports);
  // a secret in the place of a name is not shown
  const print = (text: string) => ({ stdout: app.log.redact(text), exitCode });
  if (args.json) {
    const head = { warnDays, ok: exitCode === 0, profiles: reports.map(documentOf) };
    const document = broken.length > 0 ? { ...head, broken } : head;
    return print(`${jsonDocument(document)}\n`);
  }
  for (const { problems } of broken) for (const problem of problems) app.log.warn(problem);
  for (const { name, findings } of reports) {
    for (const { problem } of findings) if (problem) app.log.warn(`${name}: ${problem.message}`);
  }
  return print(formatTable(tableOf(reports)));
}

function parseDays(text: string | undefined): number {
  if (text === undefined) return DEFAULT_WARN_DAYS;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new CliError('usage', `--warn-days is a whole number from 0 to 99999, not "${text}"`);
}

function judge(expiration: Expiration, now: number, warnDays: number): Finding {
  const { startsOn = 0, endsOn, problem } = expiration;
  if (problem) return { ...expiration, status: 'unreadable', daysLeft: null };
  if (endsOn === undefined) return { ...expiration, status: 'unknown', daysLeft: null };
  const left = endsOn - now;
  const living = left <= warnDays * DAY_SECONDS ? 'endsSoon' : 'ok';
  const status = left <= 0 ? 'ended' : startsOn > now ? 'notYet' : living;
  return { ...expiration, status, daysLeft: Math.floor(left / DAY_SECONDS) };
}

/**
 * Something that ends counts before something that cannot be read. A profile may have several
 * credentials (during a rollover), of which one that does not end is enough.
 */
function exitCodeOf(reports: readonly ProfileReport[]): number {
  const groups = reports.flatMap(({ findings }) => [
    findings.filter(({ kind }) => kind !== 'refresh token'),
    findings.filter(({ kind }) => kind === 'refresh token'),
  ]);
  const failed = groups.filter(
    (group) =>
      group.length > 0 && !group.some(({ status }) => status === 'ok' || status === 'unknown'),
  );
  if (failed.flat().some(({ status }) => ['notYet', 'ended', 'endsSoon'].includes(status))) {
    return EXIT_CODES.token_expired.code;
  }
  return failed.flat().find(({ problem }) => problem)?.problem?.exitCode ?? EXIT_CODES.ok.code;
}

function documentOf({ name, findings }: ProfileReport): object {
  const items = findings.map(({ kind, place, endsOn, daysLeft, status, problem }) => ({
    kind,
    place,
    endsOn: isoDate(endsOn) ?? null,
    daysLeft,
    status,
    ...(problem && { problem: problem.message }),
  }));
  return { name, items };
}

function tableOf(reports: readonly ProfileReport[]): string[][] {
  const rows = reports.flatMap(({ name, findings }) =>
    findings.length === 0
      ? [[name, '-', '-', 'nothing that ends']]
      : findings.map((finding) => [
          name,
          finding.kind,
          finding.endsOn === undefined ? '-' : describeDate(finding.endsOn).slice(0, 10),
          statusText(finding),
        ]),
  );
  return [['PROFILE', 'WHAT', 'ENDS', 'STATUS'], ...rows];
}

function statusText({ status, daysLeft }: Finding): string {
  const days = Math.abs(daysLeft ?? 0);
  const count = days === 1 ? '1 day' : `${days} days`;
  const texts: Record<Status, string> = {
    ok: `ok, ${count} left`,
    notYet: 'not valid yet',
    endsSoon: days === 0 ? 'ends within a day' : `ends soon: ${count} left`,
    ended: 'ended',
    unknown: 'no end is recorded',
    unreadable: 'cannot be read',
  };
  return texts[status];
}
