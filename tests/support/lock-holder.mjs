// Holds the lock on the file named by its argument until it is killed; prints `held` once it has it.
import { openSync } from 'node:fs';
import { createRequire } from 'node:module';

const { tryLock } = createRequire(import.meta.url)('fs-native-extensions');
if (tryLock(openSync(process.argv[2], 'a+', 0o600))) process.stdout.write('held');
setInterval(() => {}, 60_000);
