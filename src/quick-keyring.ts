import { readdirSync, readlinkSync, writeSync } from 'node:fs';
import { beginRead } from './adapters/keyring/entry.ts';
import { SILENT_SECONDS } from './adapters/keyring/protocol.ts';
import { monotonic } from './core/monotonic.ts';
import type { EarlyQuestion } from './core/ports.ts';

const OPEN_FILES = '/proc/self/fd';
const STDERR = 2;

/**
 * Asks the keyring for one entry, for a call that nobody attends: an unlock prompt, for which the
 * library waits without a limit, is not waited for.
 * @param meanwhile done while the answer is on its way
 */
export function askInTime(account: string, meanwhile: () => void): Promise<EarlyQuestion> {
  const start = monotonic();
  const ended = read(account);
  return new Promise((resolve) => {
    const answer = (facts: Pick<EarlyQuestion, 'value' | 'givenUp'>) =>
      resolve({ account, seconds: (monotonic() - start) / 1000, ...facts });
    let open = true;
    void ended.then((value) => {
      open = false;
      answer(typeof value === 'string' ? { value } : {});
    });
    // to connect has taken its part
    void pauseWithoutTimer(start + SILENT_SECONDS * 1000 - monotonic()).then(() => {
      if (!open) return;
      hangUp();
      answer({ givenUp: ended });
    });
    meanwhile();
  });
}

/** A timer of Node costs a hundredth of a start (measured), and would have to be cleared. */
async function pauseWithoutTimer(milliseconds: number): Promise<void> {
  const never = new Int32Array(new SharedArrayBuffer(4));
  await Atomics.waitAsync(never, 0, 0, Math.max(0, milliseconds)).value;
}

/** The full command line asks again, and says what is wrong. */
async function read(account: string): Promise<string | null> {
  try {
    return await beginRead(account);
  } catch {
    return null;
  }
}

/**
 * The thread waits for the prompt or for the end of its connection, and `process.exit` for the thread.
 * A bus disconnects whoever sends what is not a message (a test of D-Bus demands it); it may not be
 * noticed as long as a prompt runs that the bus has started (measured).
 */
function hangUp(): void {
  try {
    const [bus, another] = readdirSync(OPEN_FILES).filter(isSocket);
    // there is a connection; of several sockets it cannot be told which one it is
    if (bus !== undefined && another === undefined) writeSync(Number(bus), Buffer.alloc(16));
  } catch {
    // not on Linux, or closed meanwhile: `src/cli/start.ts` does not wait for it
  }
}

function isSocket(file: string): boolean {
  try {
    const target = readlinkSync(`${OPEN_FILES}/${file}`);
    return Number(file) > STDERR && target.startsWith('socket:');
  } catch {
    // that of the listing itself
    return false;
  }
}
