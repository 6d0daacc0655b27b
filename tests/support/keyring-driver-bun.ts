import { bunRuntime } from '../../src/runtime/bun.ts';
import { driveKeyring } from './keyring-driver.ts';

void driveKeyring(bunRuntime);
