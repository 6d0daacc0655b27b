import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Lanes, startLanes } from '../support/differential/lanes.ts';

/** A program that does everything a program might, with no regard for who comes after it. */
const ENTRY = `#!/usr/bin/env node
const { writeSync } = require('node:fs');
const { count } = require('./part.cjs');
const write = (text) => writeSync(1, text);
const what = {
  state: () => {
    const { env, exitCode = 'none', argv } = process;
    const listeners = process.listenerCount('SIGTERM') + process.stderr.listenerCount('error');
    write([count(), env.A, env.B, exitCode, listeners, process.cwd(), Date.now(), argv[3]].join());
  },
  mess: () => {
    count();
    Object.assign(process.env, { A: 'changed', B: 'new' });
    process.exitCode = 5;
    process.chdir('/');
    process.on('SIGTERM', () => {});
    process.stderr.on('error', () => {}).write('é');
    Date.now = () => 0;
  },
  exit: () => {
    setTimeout(() => write('not for this'), 5);
    process.on('exit', (code) => write('exit ' + code));
    write('before ');
    process.exit(3);
    write('after');
  },
  'exit late': async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    write('late');
    process.exit(4);
    write('after');
  },
  'exit last': () => {
    try {
      process.exit(0);
    } finally {
      write('after');
    }
  },
  'exit caught': () => {
    try {
      process.exit(0);
    } catch {}
  },
  'exit from a timer': () => setTimeout(() => process.exit(6), 5),
  wait: () => {
    setTimeout(() => write('waited'), 20);
    setTimeout(() => write('not for this'), 40).unref();
  },
  throw: () => { throw new Error('thrown'); },
  reject: () => Promise.reject(new Error('rejected')),
  global: () => { globalThis.extra = 1; },
  start: () => require('./start.cjs').start(process),
};
void what[process.argv[2]]();
`;
const PART = 'let calls = 0; exports.count = () => ++calls;';
const START = `exports.start = async (process) => {
  process.stdout.write('started ');
  process.exitCode = 7;
};`;

let folder: string;
let lanes: Lanes;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-lanes-'));
  writeFileSync(join(folder, 'tokencli.cjs'), ENTRY);
  writeFileSync(join(folder, 'part.cjs'), PART);
  writeFileSync(join(folder, 'start.cjs'), START);
  writeFileSync(join(folder, 'code-loader.cjs'), '');
  lanes = startLanes(join(folder, 'tokencli.cjs'), join(folder, 'scratch'));
});
afterAll(async () => {
  await lanes?.stop();
  rmSync(folder, { recursive: true });
});

const run = (what: string, lane: 'quick' | 'full' = 'quick') =>
  lanes.run({ lane, argv: [what, 'word'], env: { A: 'a' }, folder, time: 1_800_000_000_123 });

describe('a process that runs one command line after the other', () => {
  it('begins each as if there had been none before', async () => {
    const fresh = `1,a,,none,0,${folder},1800000000123,word`;
    for (const before of ['state', 'mess', 'mess', 'exit', 'throw', 'start', 'wait']) {
      await run(before);
      await pause(50);
      expect(await run('state')).toEqual({ code: 0, out: fresh, err: '', alone: true, faults: [] });
    }
    expect(await run('mess')).toMatchObject({ code: 5, out: '', err: 'é', faults: [] });
  });

  it.each([
    ['exit', 3, 'before exit 3', []],
    ['exit late', 4, 'late', []],
    ['exit from a timer', 6, '', []],
    ['exit last', 0, '', []],
    ['exit caught', 0, '', ['the end of the process was caught']],
    ['wait', 0, 'waited', []],
    ['throw', 0, '', [expect.stringContaining('Error: thrown')]],
    ['reject', 0, '', [expect.stringContaining('Error: rejected')]],
    ['global', 0, '', ['a new global: extra']],
  ])(
    'ends as a process would, and tells what would not end well: %s',
    async (what, code, out, faults) => {
      expect(await run(what)).toEqual({ code, out, err: '', alone: true, faults });
    },
  );

  it('sees whether the entry left the work to the full command line', async () => {
    const started = { code: 7, out: 'started ', err: '', faults: [] };
    expect(await run('start')).toEqual({ ...started, alone: false });
    expect(await run('anything', 'full')).toMatchObject(started);
  });

  it('tells what was said when the process itself comes to an end', async () => {
    const other = startLanes(join(folder, 'none', 'tokencli.cjs'), join(folder, 'none'));
    const order = { lane: 'quick', argv: [], env: {}, folder, time: 0 } as const;
    await expect(other.run(order)).rejects.toThrow(/ended \(1\).*start\.cjs/s);
    await other.stop();
  });
});
