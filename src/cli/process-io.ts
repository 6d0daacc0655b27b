import { fstatSync, writeSync } from 'node:fs';
import { getBuiltinModule } from 'node:process';
import { CliError, systemCode } from '../core/errors.ts';
import type { Io } from '../core/ports.ts';
import { createScreen } from '../output/screen.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
/** What a pipe takes at once. */
const PIPE_BYTES = 64 * 1024;

/**
 * The process's own streams behind the port; made by `main.ts` only. A stream is opened when it is
 * needed: each of them costs a tenth of a start (measured).
 */
export function createProcessIo(host: NodeJS.Process): Io {
  const stdout = listened(() => host.stdout);
  const stderr = listened(() => host.stderr);
  const screen = createScreen(tellPeople(host.platform, stderr));
  // also when the process ends in a hurry
  host.on('exit', () => screen.showStatus(undefined));
  const stdoutIsTty = isTty(host, STDOUT);
  const stderrIsTty = isTty(host, STDERR);
  return {
    writeStdout: (text) => deliver(stdout, Buffer.from(text), stdoutIsTty),
    writeStderr: screen.write,
    showStatus: screen.showStatus,
    readStdin: (limit) => collect(host.stdin, limit),
    stdinIsTty: isTty(host, STDIN),
    stdoutIsTty,
    stderrIsTty,
    get columns() {
      return (stderrIsTty && stderr().columns) || 80;
    },
  };
}

function listened(open: () => NodeJS.WriteStream): () => NodeJS.WriteStream {
  let stream: NodeJS.WriteStream | undefined;
  return () => (stream ??= open().on('error', () => {}));
}

/**
 * Bun ends a process before its stderr has left, so the bytes are written at once, as Node does. The
 * stream takes over where a file descriptor would have to wait, and where Windows translates the text.
 */
function tellPeople(platform: NodeJS.Platform, stderr: () => NodeJS.WriteStream) {
  let streams = platform === 'win32';
  return (text: string): void => {
    const bytes = Buffer.from(text);
    const done = streams ? 0 : writeWhole(STDERR, bytes);
    if (done === bytes.length) return;
    streams = true;
    if (!stderr().destroyed) stderr().write(bytes.subarray(done));
  };
}

/** @returns how many bytes have left, or have nobody to read them */
function writeWhole(fd: number, bytes: Buffer): number {
  let done = 0;
  try {
    while (done < bytes.length) done += writeSync(fd, bytes, done);
    return done;
  } catch (error) {
    return systemCode(error) === 'EAGAIN' ? done : bytes.length;
  }
}

/** Files and pipes are no terminals, and that is known before Node's `tty` is loaded. */
function isTty({ platform }: NodeJS.Process, fd: number): boolean {
  return (platform === 'win32' || isDevice(fd)) && getBuiltinModule('node:tty').isatty(fd);
}

function isDevice(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    return false;
  }
}

/** Bytes beyond what a pipe takes at once are left to the stream, which lets signals be heard. */
function deliver(open: () => NodeJS.WriteStream, bytes: Buffer, isTty: boolean): Promise<void> {
  const small = !isTty && bytes.length <= PIPE_BYTES;
  return new Promise((resolve, reject) => {
    const done = small ? tryWrite(bytes) : 0;
    if (done === bytes.length) return resolve();
    open().write(bytes.subarray(done), (error) => {
      if (error) reject(toFailure(error));
      else resolve();
    });
  });
}

/** @returns how many bytes have left; none when the stream must wait, or say what is wrong */
function tryWrite(bytes: Buffer): number {
  try {
    return writeSync(STDOUT, bytes);
  } catch {
    return 0;
  }
}

function toFailure(error: Error): CliError {
  const code = systemCode(error);
  return code === 'EPIPE'
    ? new CliError('stdout_closed', 'the reader of stdout left', { cause: error })
    : new CliError('io', `cannot write to stdout: ${code ?? error.message}`, { cause: error });
}

async function collect(stream: NodeJS.ReadStream, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > limit) throw new CliError('invalid_data', `stdin holds more than ${limit} bytes`);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}
