import { nodeRuntime } from '../../src/runtime/node.ts';
import { driveLock } from './lock-driver.ts';

driveLock(nodeRuntime);
