// One process that runs one command line after the other, each as a process of its own would. A run
// begins with the built command as the main module, or with the full command line past the quick
// lane. It is over when the process would be: when the event loop waits for nothing any more, or with
// `process.exit`, behind which nothing of the program may go on. What a run has changed about the
// process is put back; what cannot be put back, or should not be there, is a fault of the run.
//
// Orders come on descriptor 3, results go to descriptor 4. Stdout and stderr are files that grow, and
// what a run has added to them is its output: whatever is written to a descriptor counts.
import { fstatSync, readSync, writeSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

const ORDERS = 3;
const RESULTS = 4;
const OUTPUTS = [1, 2];
const END = new Error('the process has ended');
/** A package keeps its settings there once it is loaded. */
const KNOWN_GLOBAL = /^__zod_/;

const [entry = ''] = process.argv.slice(2);
const require = createRequire(entry);
const full = require(join(dirname(entry), 'start.cjs'));
const startFull = full.start;
const emitters = [process, process.stdout, process.stderr];
const { now } = Date;
let run;

// it is loaded once, and whether the entry leaves the work to it is seen here
full.start = (...parts) => {
  run.started = true;
  run.own ??= loadedSince(run.modules);
  return startFull(...parts);
};
// kept code would be loaded, and written, in each run: tests/e2e/kept-code.test.ts
const codeLoader = join(dirname(entry), 'code-loader.cjs');
require(codeLoader);
require.cache[codeLoader].exports = {
  createCodeLoader: () => ({
    load: (name) => require(join(dirname(entry), name)),
    hasNews: () => false,
  }),
};
// a timer may outlive its run where nothing waits for it
for (const name of ['setTimeout', 'setInterval']) {
  const make = globalThis[name];
  const makeAndTell = (...parts) => {
    const timer = make(...parts);
    run?.timers.push(timer);
    return timer;
  };
  globalThis[name] = Object.defineProperties(makeAndTell, Object.getOwnPropertyDescriptors(make));
}
// the last thing that `process.exit` calls
process.reallyExit = (code) => {
  if (run.end) run.faults.push('it ended twice');
  run.end ??= { code, texts: readOutputs() };
  run.goesOn = true;
  stopTimers();
  throw END;
};
// the text of the entry is compiled once; what it makes of its modules is new in each run
const { _compile } = Module.prototype;
const compiled = new Map();
Module.prototype._compile = function (text, path, ...rest) {
  if (path !== entry) return _compile.call(this, text, path, ...rest);
  const script =
    compiled.get(text) ?? new Script(Module.wrap(text.replace(/^#!/, '//')), { filename: path });
  compiled.set(text, script);
  return script
    .runInThisContext()
    .call(this.exports, this.exports, createRequire(path), this, path, dirname(path));
};
process.on('uncaughtException', caught);
process.on('unhandledRejection', caught);
process.on('beforeExit', () => {
  if (run) finish();
  const order = readOrder();
  if (order) setImmediate(begin, order);
});
const ours = emitters.map(listenersOf);
const globals = new Set(Object.getOwnPropertyNames(globalThis));
const prototype = Object.getOwnPropertyNames(Object.prototype).length;

function begin({ lane, argv, env, folder, time }) {
  run = {
    faults: [],
    timers: [],
    sizes: OUTPUTS.map(sizeOf),
    modules: Object.keys(require.cache),
    own: lane === 'full' ? [] : undefined,
  };
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(folder);
  process.argv = [process.execPath, entry, ...argv];
  Date.now = () => time;
  try {
    // as `node FILE` loads it
    if (lane === 'quick') Module._load(entry, null, true);
    else startFull(process, homedir() || userInfo().homedir, folder).catch(caught);
  } catch (error) {
    caught(error);
  }
}

function caught(error) {
  if (error === END) run.goesOn = false;
  else run.faults.push(`uncaught: ${error?.stack ?? error}`);
}

function finish() {
  if (!run.end) {
    try {
      process.emit('exit', process.exitCode ?? 0);
    } catch (error) {
      caught(error);
    }
    run.end = { code: process.exitCode ?? 0, texts: readOutputs() };
  }
  const [out, err] = run.end.texts;
  const result = { code: run.end.code, out, err, alone: !run.started, faults: faultsOf(run) };
  putBack();
  run = undefined;
  const bytes = Buffer.from(`${JSON.stringify(result)}\n`);
  for (let done = 0; done < bytes.length; ) done += writeSync(RESULTS, bytes, done);
}

function faultsOf({ faults, goesOn }) {
  const added = Object.getOwnPropertyNames(globalThis).filter((name) => !globals.has(name));
  for (const name of added) {
    globals.add(name);
    if (!KNOWN_GLOBAL.test(name)) faults.push(`a new global: ${name}`);
  }
  if (Object.getOwnPropertyNames(Object.prototype).length > prototype) {
    faults.push('Object.prototype has grown');
  }
  if (goesOn) faults.push('the end of the process was caught');
  return faults;
}

function stopTimers() {
  for (const timer of run.timers) clearTimeout(timer);
}

function putBack() {
  stopTimers();
  emitters.forEach((emitter, index) => {
    for (const [event, listener] of listenersOf(emitter)) {
      const known = ours[index].some((each) => each[0] === event && each[1] === listener);
      if (!known) emitter.removeListener(event, listener);
    }
  });
  // the entry and what it has loaded of the program for itself are loaded anew by the next run
  for (const path of run.own ?? loadedSince(run.modules)) delete require.cache[path];
  Date.now = now;
  process.exitCode = undefined;
  process._exiting = false;
  process.setSourceMapsEnabled(false);
}

function loadedSince(modules) {
  const folder = dirname(entry);
  const loaded = Object.keys(require.cache).filter((path) => dirname(path) === folder);
  return loaded.filter((path) => !modules.includes(path));
}

function listenersOf(emitter) {
  return emitter
    .eventNames()
    .flatMap((event) => emitter.rawListeners(event).map((listener) => [event, listener]));
}

function readOutputs() {
  return OUTPUTS.map((descriptor, index) => {
    const start = run.sizes[index];
    const bytes = Buffer.alloc(sizeOf(descriptor) - start);
    readSync(descriptor, bytes, 0, bytes.length, start);
    return bytes.toString();
  });
}

function sizeOf(descriptor) {
  return fstatSync(descriptor).size;
}

/** Waits, for nothing else is going on. @returns undefined when there are no more */
function readOrder() {
  const parts = [];
  const bytes = Buffer.alloc(64 * 1024);
  while (parts.at(-1)?.at(-1) !== 10) {
    const count = readSync(ORDERS, bytes);
    if (count === 0) return undefined;
    parts.push(Buffer.from(bytes.subarray(0, count)));
  }
  return JSON.parse(Buffer.concat(parts).toString());
}
