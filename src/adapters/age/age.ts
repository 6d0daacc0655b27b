import { Worker } from 'node:worker_threads';
import type { AgeFiles } from '../../core/formats.ts';
import type { App } from '../../core/ports.ts';
import type { AgeJob } from './format.ts';

/** @param program what the thread runs: the built `age-worker.ts` */
export function createAgeFiles(
  { interrupted }: Pick<App, 'interrupted'>,
  program: string,
): AgeFiles {
  const run = (job: AgeJob) => inThread(program, job, interrupted);
  return {
    encrypt: async (plain, passphrase, armor) => {
      const file = await run({ plain, passphrase, armor });
      if (file === undefined) throw new Error('the age thread gave no file');
      return file;
    },
    decrypt: (file, passphrase) => run({ file, passphrase }),
  };
}

/** @throws the reason of `interrupted` */
function inThread(
  program: string,
  job: AgeJob,
  interrupted: AbortSignal,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    interrupted.throwIfAborted();
    const worker = new Worker(program, { workerData: job, env: {}, execArgv: [] });
    const stop = () => {
      void worker.terminate();
      reject(interrupted.reason);
    };
    interrupted.addEventListener('abort', stop, { once: true });
    worker.once('message', (result: Uint8Array | undefined) => resolve(result));
    worker.once('error', reject);
    worker.once('exit', () => {
      interrupted.removeEventListener('abort', stop);
      reject(new Error('the age thread ended without an answer'));
    });
  });
}
