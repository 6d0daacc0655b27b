import { read, writeSync } from 'node:fs';
import {
  deleteEntry,
  listAccounts,
  loadKeyring,
  readEntry,
  writeEntry,
} from './adapters/keyring/entry.ts';
import {
  AGENT_READY,
  type KeyringAnswer,
  type KeyringError,
  type KeyringRequest,
} from './adapters/keyring/protocol.ts';

const STDIN = 0;
const STDOUT = 1;
const NEWLINE = 10;

/**
 * A process edge of its own: keyring calls are synchronous, may hang for ever and may keep a process
 * from ending, so they happen here, where tokencli can kill them. It is waited for, and does without
 * streams: they take a fifth of its start (measured).
 */
function main(): void {
  // tokencli decides when this ends; a Ctrl+C reaches the whole group
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => {});
  try {
    loadKeyring();
  } catch {
    // the first request says it
  }
  tell(AGENT_READY);
  listen(Buffer.of());
}

/** Turns of the event loop between the requests are what lets go of the keyring's connections. */
function listen(before: Buffer): void {
  const more = Buffer.alloc(64 * 1024);
  read(STDIN, more, 0, more.length, null, (error, count) => {
    if (error || count === 0) return end();
    let rest = Buffer.concat([before, more.subarray(0, count)]);
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      tell(JSON.stringify(answer(JSON.parse(rest.toString('utf8', 0, at)) as KeyringRequest)));
      rest = rest.subarray(at + 1);
    }
    listen(rest);
  });
}

function tell(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(STDOUT, bytes, done);
  } catch {
    end();
  }
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

function perform({ op, account = '', accounts = [], value = '' }: KeyringRequest): unknown {
  switch (op) {
    case 'read':
      return readEntry(account);
    case 'read-each':
      return accounts.map(readEntry);
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
  // the path of an entry, not of a collection or of the service: found, and gone when it was read
  [/(?:Unknown|No ?such).{0,199}\/org\/freedesktop\/secrets\/collection\/\w+\/\w/i, 'changing'],
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
