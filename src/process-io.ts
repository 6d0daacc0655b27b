import { CliError, systemCode } from './core/errors.ts';
import type { Io } from './core/ports.ts';
import { createScreen } from './output/screen.ts';

/** The process's own streams behind the port; made by `main.ts` only. */
export function createProcessIo(host: NodeJS.Process): Io {
  host.stdout.on('error', () => {});
  host.stderr.on('error', () => {});
  const screen = createScreen((text) => {
    if (!host.stderr.destroyed) host.stderr.write(text);
  });
  // also when the process ends in a hurry
  host.on('exit', () => screen.showStatus(undefined));
  return {
    writeStdout: (text) => deliver(host.stdout, text),
    writeStderr: screen.write,
    showStatus: screen.showStatus,
    readStdin: (limit) => collect(host.stdin, limit),
    stdinIsTty: host.stdin.isTTY === true,
    stdoutIsTty: host.stdout.isTTY === true,
    stderrIsTty: host.stderr.isTTY === true,
    columns: host.stderr.columns ?? 80,
  };
}

function deliver(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (!error) return resolve();
      const gone = systemCode(error) === 'EPIPE';
      reject(
        gone
          ? new CliError('stdout_closed', 'the reader of stdout left', { cause: error })
          : new CliError('io', `cannot write to stdout: ${systemCode(error) ?? error.message}`, {
              cause: error,
            }),
      );
    });
  });
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
