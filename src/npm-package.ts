#!/usr/bin/env node
import { main } from './main.ts';
import { nodeRuntime } from './runtime/node.ts';

void main(nodeRuntime);
