import { createInterface } from 'node:readline';
import {
  deleteEntry,
  listAccounts,
  loadKeyring,
  readEntry,
  writeEntry,
} from './adapters/keyring-entry.ts';
import {
  AGENT_READY,
  type KeyringAnswer,
  type KeyringError,
  type KeyringRequest,
} from './adapters/keyring-protocol.ts';

/**
 * A process edge of its own: keyring calls are synchronous, may hang for ever and may keep a process
 * from ending, so they happen here, where tokencli can kill them.
 */
function main(): void {
  // tokencli decides when this ends; a Ctrl+C reaches the whole group
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => {});
  process.stdout.on('error', end);
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => tell(JSON.stringify(answer(JSON.parse(line) as KeyringRequest))));
  lines.on('close', end);
  try {
    loadKeyring();
  } catch {
    // the first request says it
  }
  tell(AGENT_READY);
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** `process.exit` waits for native threads that may never end. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

function answer(request: KeyringRequest): KeyringAnswer {
  const { id } = request;
  try {
    loadKeyring();
  } catch (error) {
    return { id, error: { state: 'absent_module', text: `${runtime()}: ${textOf(error)}` } };
  }
  try {
    return { id, ok: true, value: perform(request) };
  } catch (error) {
    return { id, error: classify(textOf(error)) };
  }
}

function perform({ op, account = '', value = '' }: KeyringRequest): unknown {
  switch (op) {
    case 'read':
      return readEntry(account);
    case 'write':
      return writeEntry(account, value) ?? null;
    case 'delete':
      return deleteEntry(account);
    case 'list':
      return listAccounts();
  }
}

/** The library gives every failure the same code; only the text differs (2.1.2, measured). */
const STATES: readonly [RegExp, KeyringError['state']][] = [
  [
    /prompt was dismissed|IsLocked|locked object|-25308|-25293|interaction.{0,9}not allowed/i,
    'locked',
  ],
  [/user canceled|-128\b|denied/i, 'locked'],
  [/matched by \d+ credentials|not valid UTF-8|Ambiguous/i, 'unusable'],
  [
    /not receive a reply|NoReply|Timeout|temporarily unavailable|Disconnected|reset by peer/i,
    'passing',
  ],
];

function classify(text: string): KeyringError {
  const known = STATES.find(([pattern]) => pattern.test(text));
  return { state: known?.[1] ?? 'unavailable', text };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function runtime(): string {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const libc = header?.glibcVersionRuntime ? 'glibc' : 'no glibc';
  return `${process.platform}-${process.arch}${process.platform === 'linux' ? ` (${libc})` : ''}`;
}

main();
