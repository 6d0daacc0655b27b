import { nodeRuntime } from '../../src/runtime/node.ts';
import { driveKeyring } from './keyring-driver.ts';

void driveKeyring(nodeRuntime);
