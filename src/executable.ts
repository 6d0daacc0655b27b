import { main } from './main.ts';
import { bunRuntime } from './runtime/bun.ts';

void main(bunRuntime);
