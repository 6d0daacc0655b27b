import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

/** Several times what the slowest file takes. */
const FILE_LIMIT_MINUTES = 8;

/**
 * Leaves the outcome in build/test-result as one line, which scripts/test prints last. Ends the run if
 * a file of tests does not: each test has a limit of its own, but a worker that is stuck has none.
 */
export default class ResultReporter {
  #limits = new Map();
  #passed = 0;

  onTestFileStart({ path }) {
    const limit = setTimeout(() => this.#giveUp(path), FILE_LIMIT_MINUTES * 60_000);
    this.#limits.set(path, limit);
  }

  onTestFileResult({ path }, { numPassingTests }) {
    clearTimeout(this.#limits.get(path));
    this.#passed += numPassingTests;
  }

  onRunComplete(_contexts, results) {
    const unloaded = results.testResults.filter(
      ({ testExecError, numFailingTests }) => testExecError && numFailingTests === 0,
    );
    // a file that could not even be loaded has no tests to count, and is a failure all the same
    writeResult(results.numPassedTests, results.numFailedTests + unloaded.length);
  }

  #giveUp(path) {
    console.error(`${path} did not end within ${FILE_LIMIT_MINUTES} minutes. What runs:`);
    console.error(run('ps', ['-e', '--forest', '-o', 'pid,stat,wchan:20,etime,time,args', '-ww']));
    writeResult(this.#passed, 1);
    for (const worker of run('pgrep', ['-P', String(process.pid)])
      .split('\n')
      .filter(Boolean)) {
      kill(Number(worker));
    }
    process.exit(1);
  }
}

function writeResult(passed, failed) {
  mkdirSync('build', { recursive: true });
  writeFileSync('build/test-result', `${passed} passed, ${failed} failed\n`);
}

function run(program, args) {
  return execFileSync(program, args, { encoding: 'utf8' });
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ended meanwhile, as the program that listed it has
  }
}
