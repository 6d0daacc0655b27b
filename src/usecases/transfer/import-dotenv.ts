import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { decodeText } from '../../core/text.ts';
import { joinProblems } from '../../profiles/problems.ts';
import type { Transfer } from '../../profiles/transfer.ts';
import { type DotenvEntry, parseDotenv } from './dotenv.ts';
import { transferOfVariables } from './import-environment.ts';

const OURS = /^(?:AZURE|TOKENCLI)_/;

/**
 * The profile that the TOKENCLI_ and AZURE_ lines of a `.env` file describe; others are passed over.
 * @param file its name for messages, which hold nothing of its content
 * @throws CliError invalid_data
 */
export async function readDotenv(
  app: App,
  bytes: Uint8Array,
  file: string,
  name?: string,
): Promise<Transfer> {
  const refuse = (what: string, hint = 'nothing was imported') =>
    new CliError('invalid_data', `${file}: ${what}`, { hint });
  const text = decodeText(bytes);
  if (text === undefined || text.includes('\0')) throw refuse('this is not text in UTF-8');
  const { entries, wrongLines } = parseDotenv(text);
  const ours = entries.filter((entry) => OURS.test(entry.name));
  const problems = [
    ...wrongLines.map((line) => `line ${line} is not NAME=VALUE`),
    ...repeated(ours),
  ];
  if (problems.length > 0) throw refuse(joinProblems(problems));
  const env = Object.fromEntries(ours.map((entry) => [entry.name, entry.value]));
  const notes = ours
    .filter(({ refers }) => refers)
    .map(
      (entry) => `${entry.name} is taken as it stands, though it seems to stand for another value`,
    );
  try {
    return await transferOfVariables(app, { env, where: file, name, notes });
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'usage') throw error;
    throw refuse(error.message, error.details.hint);
  }
}

/** Names that stand twice: some readers of such files take the first line, some the last. */
function repeated(entries: readonly DotenvEntry[]): string[] {
  const lines = new Map<string, number>();
  return entries.flatMap(({ name, line }) => {
    const before = lines.get(name);
    lines.set(name, line);
    return before === undefined ? [] : [`${name} stands twice, in lines ${before} and ${line}`];
  });
}
