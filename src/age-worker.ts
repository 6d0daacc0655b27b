import { parentPort, workerData } from 'node:worker_threads';
import { type AgeJob, runAgeJob } from './adapters/age/format.ts';

/** One job for one thread: scrypt takes a second of pure computing, in which nobody could Ctrl+C. */
void runAgeJob(workerData as AgeJob).then((result) => parentPort?.postMessage(result));
