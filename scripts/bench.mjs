// Whole processes, interleaved in shuffled order; every ratio is taken within its round, so that what
// else the machine does weighs on both sides.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { PROGRAMS, setBenchStage } from './bench-stage.mjs';

const FIGURES = 'scripts/bench-figures.json';
const WARM_UP = 2;
const PARALLEL = { calls: 100, atOnce: 50, seconds: { executable: 2, npm: 4.5 }, runs: 5 };

const options = readOptions();
const random = mulberry32(Number(options.seed));
const measure = startMeasuring();
const stage = await setBenchStage();
try {
  const load = loadavg()[0].toFixed(1);
  say(
    `Node ${process.versions.node}, ${availableParallelism()} x ${cpus()[0]?.model.trim()}, load ${load}`,
  );
  say(`${options.rounds} rounds, seed ${options.seed}`);
  const wanted = stage.calls.filter(isWanted).flatMap(withEachProgram);
  const peers = options.peer.map(toPeer);
  const samples = await runRounds([stage.node, ...wanted, ...peers]);
  const rows = [...wanted, ...peers].map((call) => summarize(call, samples));
  if (!options.only) {
    for (const program of Object.keys(PROGRAMS)) {
      rows.push(await runInParallel(program, stage.calls[0]));
    }
  }
  await report(rows, samples.get('node'));
} finally {
  measure.end();
  await stage.end();
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '30' },
        seed: { type: 'string', default: String(randomInt(2 ** 31)) },
        only: { type: 'string' },
        peer: { type: 'string', multiple: true, default: [] },
        accept: { type: 'boolean', default: false },
      },
    });
    for (const name of ['rounds', 'seed']) {
      if (!/^[1-9]\d{0,9}$/.test(values[name])) throw new Error(`--${name} takes a number from 1`);
    }
    return values;
  } catch (error) {
    console.error(`scripts/bench: ${error.message}`);
    process.exit(2);
  }
}

function withEachProgram({ name, args, goals, memory = {}, against, ...call }) {
  return Object.entries(PROGRAMS).map(([program, start]) => ({
    ...call,
    program,
    name: `${name} ${program}`,
    words: [...start, ...args],
    goal: goals[program],
    memory: memory[program],
    against: against && `${against} ${program}`,
  }));
}

function isWanted({ name, title }) {
  return !options.only || name === 'file' || `${name} ${title}`.includes(options.only);
}

/** Another command in the user's own environment, for comparison. */
function toPeer(command) {
  const { NODE_EXTRA_CA_CERTS: _unset, ...env } = process.env;
  const words = ['/bin/sh', '-c', command];
  return { name: command, program: 'other', title: `\`${command}\``, words, env, peer: true };
}

async function runRounds(calls) {
  const samples = new Map(calls.map(({ name }) => [name, []]));
  for (let round = -WARM_UP; round < Number(options.rounds); round += 1) {
    for (const call of shuffle(calls)) {
      const sample = await runOnce(call);
      if (round >= 0) samples.get(call.name)[round] = sample;
    }
  }
  return samples;
}

async function runOnce({ name, words, env, stdin = '', out, before, peer }) {
  before?.();
  const requests = stage.requests();
  const sample = await measure.run({ argv: words, env, cwd: resolve('/'), stdin });
  const asked = stage.requests() - requests;
  const right = sample.code === 0 && (out === undefined || sample.out === out);
  if (peer || (right && asked === (before ? 1 : 0))) return sample;
  throw new Error(`${name}: exit code ${sample.code}, ${asked} requests, stdout ${sample.out}`);
}

function summarize({ name, program, title, goal, memory, against = 'node' }, samples) {
  const own = samples.get(name);
  const ratio = (what, base) =>
    round(median(own.map((sample, index) => sample[what] / samples.get(base)[index][what])));
  return {
    program,
    title,
    goal,
    memoryGoal: memory,
    wall: ratio('wall', against),
    // on a busy machine the shortest times say more than the usual ones
    shortest: round(shortest(own) / shortest(samples.get(against))),
    cpu: ratio('cpu', against),
    memory: ratio('memory', 'node'),
    milliseconds: round(median(own.map(({ wall }) => wall))),
    ...(own.some(({ code }) => code !== 0) && { failed: true }),
  };
}

/** As a shell would: what starts the calls must not weigh on them. */
async function runInParallel(program, { args, env, out }) {
  const { calls, atOnce, seconds, runs } = PARALLEL;
  const shell = `seq ${calls} | xargs -P ${atOnce} -I {} "$0" "$@"`;
  const words = ['/bin/sh', '-c', shell, ...PROGRAMS[program], ...args];
  const walls = [];
  for (let run = 0; run < runs; run += 1) {
    const once = { name: `${calls} at once`, words, env, out: out.repeat(calls) };
    walls.push((await runOnce(once)).wall);
  }
  const title = `${calls} cached calls, ${atOnce} at a time`;
  const milliseconds = round(median(walls));
  return { program, title, goalMilliseconds: seconds[program] * 1000, milliseconds };
}

async function report(rows, node) {
  const before = JSON.parse(await readFile(FIGURES, 'utf8').catch(() => '{"rows":[]}'));
  const base = round(median(node.map(({ wall }) => wall)));
  const memory = round(median(node.map((sample) => sample.memory)) / 2 ** 20);
  say(`bare node: ${base} ms, ${memory} MiB\n`);
  say(format(['', 'wall', 'goal', 'shortest', 'CPU', 'memory', 'ms', 'accepted']));
  for (const row of rows) {
    const accepted = before.rows.find(
      ({ program, title }) => program === row.program && title === row.title,
    );
    const past = accepted && (accepted.wall ?? `${accepted.milliseconds} ms`);
    const { program, title, wall = '', shortest: least = '', cpu = '', milliseconds, failed } = row;
    const goal = row.goal ?? (row.goalMilliseconds ? `${row.goalMilliseconds} ms` : '');
    const mark = isMet(row) ? '' : '  MISSED';
    const notes = `${mark}${failed ? '  exit code not 0' : ''}`;
    say(
      format([
        `${program}: ${title}`,
        wall,
        goal,
        least,
        cpu,
        row.memory ?? '',
        milliseconds,
        past ?? '-',
      ]) + notes,
    );
  }
  if (!rows.every(isMet)) process.exitCode = 1;
  if (!options.accept) return;
  const ours = rows.filter(({ goal, goalMilliseconds }) => goal ?? goalMilliseconds);
  const figures = { node: process.versions.node, rounds: options.rounds, seed: options.seed };
  const text = JSON.stringify({ ...figures, bareMilliseconds: base, rows: ours }, undefined, 2);
  await writeFile(FIGURES, `${text}\n`);
  await writeTable(ours, base);
}

function isMet({ wall, goal, memory, memoryGoal, milliseconds, goalMilliseconds }) {
  if (goalMilliseconds && milliseconds > goalMilliseconds) return false;
  return !(goal && wall > goal) && !(memoryGoal && memory > memoryGoal);
}

/** One line a call, with both programs beside each other. */
async function writeTable(rows, base) {
  const titles = [...new Set(rows.map(({ title }) => title))];
  const cells = titles.map((title) => {
    const of = (program) => rows.find((row) => row.title === title && row.program === program);
    return [title, ...Object.keys(PROGRAMS).flatMap((program) => cellsOf(of(program)))];
  });
  const head = ['call', 'executable', 'goal', 'memory', 'npm package', 'goal', 'memory'];
  const lines = [head, null, ...cells];
  const widths = head.map((_title, at) => Math.max(...lines.map((line) => line?.[at].length ?? 0)));
  const table = lines.map((line) =>
    line
      ? `| ${line.map((cell, at) => cell.padEnd(widths[at])).join(' | ')} |`
      : `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
  );
  const intro = `Node ${process.versions.node}, \`node -e 0\` is ${base} ms:`;
  const text = await readFile('README.md', 'utf8');
  const marked = /(<!-- bench -->\n)[\s\S]*?(\n<!-- \/bench -->)/;
  if (!marked.test(text)) throw new Error('README.md has no place for the table');
  await writeFile('README.md', text.replace(marked, `$1\n${intro}\n\n${table.join('\n')}\n$2`));
}

function cellsOf({ wall, memory, milliseconds, goal, goalMilliseconds }) {
  return [
    wall ? `${wall} ×` : `${milliseconds} ms`,
    goal ? `${goal} ×` : `${goalMilliseconds} ms`,
    memory ? `${memory} ×` : '',
  ];
}

/** @returns runs a process and resolves to what it has cost */
function startMeasuring() {
  const child = spawn('python3', ['scripts/measure.py'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    run: async (job) => {
      child.stdin.write(`${JSON.stringify(job)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('scripts/measure.py ended');
      return JSON.parse(value);
    },
    end: () => child.stdin.end(),
  };
}

function shuffle(list) {
  const order = [...list];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}

function mulberry32(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shortest(list) {
  return Math.min(...list.map(({ wall }) => wall));
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function round(number) {
  return Number(number.toPrecision(3));
}

function format([title, ...cells]) {
  return title.padEnd(66) + cells.map((cell) => String(cell).padStart(9)).join('');
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
