import { fstatSync, type Stats, statSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { CliError, systemCode, systemReason } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { readStream } from '../core/read-stream.ts';
import type { Runtime } from '../core/runtime.ts';
import { createScreen } from '../output/screen.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
/** Capacity of a pipe on Linux. */
const PIPE_BYTES = 64 * 1024;

/**
 * Implements `Io` with the streams of the process. `host.stdout` and `host.stderr` are getters that
 * load Node's stream modules, so they are read only when something is written.
 */
export function createProcessIo(host: NodeJS.Process, runtime: Runtime): Io {
  // files and pipes are no terminals, and asking the runtime about them takes Node 3 ms
  const isTerminal = (fd: number) =>
    (host.platform === 'win32' || isDevice(fd)) && runtime.isTerminal(fd);
  const stdout = lazyStream(() => host.stdout);
  const stderr = lazyStream(() => host.stderr);
  const screen = createScreen(createStderrWriter(host.platform, stderr));
  // also if `process.exit` is called while a status line is shown
  host.on('exit', () => screen.showStatus(undefined));
  const stdoutIsTty = isTerminal(STDOUT);
  const stderrIsTty = isTerminal(STDERR);
  return {
    writeStdout: (text) => write(stdout, Buffer.from(text), stdoutIsTty),
    writeStderr: screen.write,
    showStatus: screen.showStatus,
    readStdin: (limit, end) => readStdin(host, limit, end),
    stdinIsTty: isTerminal(STDIN),
    stdoutIsTty,
    stderrIsTty,
    get columns() {
      return (stderrIsTty && stderr().columns) || 80;
    },
  };
}

function lazyStream(open: () => NodeJS.WriteStream): () => NodeJS.WriteStream {
  let stream: NodeJS.WriteStream | undefined;
  return () => (stream ??= open().on('error', () => {}));
}

/**
 * Writes synchronously, because Bun may exit before an asynchronous write to stderr is done. The stream
 * is used if the write would block, and on Windows, where the stream translates the text.
 */
function createStderrWriter(platform: NodeJS.Platform, stderr: () => NodeJS.WriteStream) {
  let streams = platform === 'win32';
  return (text: string): void => {
    const bytes = Buffer.from(text);
    const done = streams ? 0 : writeNow(STDERR, bytes);
    if (done === bytes.length) return;
    streams = true;
    if (!stderr().destroyed) stderr().write(bytes.subarray(done));
  };
}

/** @returns how many bytes were written; the caller gives the rest to the stream, which reports errors */
function writeNow(fd: number, bytes: Buffer): number {
  let done = 0;
  try {
    while (done < bytes.length) done += writeSync(fd, bytes, done);
  } catch {
    // a full pipe (EAGAIN) is no error; a real one happens to the stream again
  }
  return done;
}

/**
 * Writes a short text directly. A longer one could block until the reader has read, so the stream
 * writes it, and signals are still handled.
 */
function write(open: () => NodeJS.WriteStream, bytes: Buffer, isTty: boolean): Promise<void> {
  const small = !isTty && bytes.length <= PIPE_BYTES;
  return new Promise((resolve, reject) => {
    const done = small ? writeNow(STDOUT, bytes) : 0;
    if (done === bytes.length) return resolve();
    open().write(bytes.subarray(done), (error) => {
      if (error) reject(toFailure(error));
      else resolve();
    });
  });
}

function toFailure(error: Error): CliError {
  const code = systemCode(error);
  return code === 'EPIPE'
    ? new CliError('stdout_closed', 'the reader of stdout left', { cause: error })
    : new CliError('io', `cannot write to stdout: ${code ?? error.message}`, { cause: error });
}

async function readStdin(host: NodeJS.Process, limit: number, end?: string): Promise<Buffer> {
  // Bun fails at a folder, Node takes it for an empty file
  if (tryStat(STDIN)?.isDirectory()) throw noStdin('it is a folder');
  const bytes = await readStream(host.stdin, limit, end).catch((cause: unknown) => {
    throw noStdin(systemReason(cause), cause);
  });
  if (bytes) return bytes;
  throw new CliError('invalid_data', `stdin holds more than ${limit} bytes`);
}

/** @returns true for a character device other than /dev/null */
function isDevice(fd: number): boolean {
  const found = tryStat(fd);
  if (!found?.isCharacterDevice()) return false;
  return found.rdev !== statSync(devNull, { throwIfNoEntry: false })?.rdev;
}

/** @returns undefined if the file is not open */
function tryStat(fd: number): Stats | undefined {
  try {
    return fstatSync(fd);
  } catch {
    return undefined;
  }
}

function noStdin(reason: string, cause?: unknown): CliError {
  return new CliError('invalid_data', `cannot read stdin: ${reason}`, { cause });
}
