import { bunRuntime } from '../../src/runtime/bun.ts';
import { driveLock } from './lock-driver.ts';

driveLock(bunRuntime);
