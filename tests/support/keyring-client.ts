import type { SecretStore } from '../../src/core/ports.ts';
import { type Ended, type RunningDriver, startDriver } from './drivers.ts';
import type { Answer, KeyringReport, KeyringScript, Step } from './keyring-driver.ts';

export interface KeyringAnswers extends Ended {
  readonly answers: readonly Answer[];
  /** What came back in each step, or the failure. */
  readonly values: readonly unknown[];
}

type Env = Readonly<Record<string, string | undefined>>;

/** Starts a new process that asks a keyring. @param command of the driver `keyring` */
export function beginAsking(
  command: readonly string[],
  script: KeyringScript,
  env: Env = {},
): RunningDriver {
  return startDriver(command, script, env);
}

export async function answersOf({ end }: RunningDriver): Promise<KeyringAnswers> {
  const ended = await end;
  const [, json] = ended.out.split('begun\n');
  if (!json) throw new Error(`the driver ended: ${JSON.stringify(ended)}`);
  const { answers }: KeyringReport = JSON.parse(json);
  const values = answers.map((answer) => ('error' in answer ? answer.error : answer.value));
  return { ...ended, answers, values };
}

/** A keyring of another session than this process has; each question is a process of its own. */
export function openKeyringOf(command: readonly string[], home: string, env: Env): SecretStore {
  const ask = async (step: Step) => {
    const { answers } = await answersOf(
      beginAsking(command, { home, steps: [step], code: 0 }, env),
    );
    const [answer] = answers;
    if (!answer || 'error' in answer) throw new Error(JSON.stringify(answer));
    return answer.value;
  };
  return {
    kind: 'keyring',
    label: () => 'OS keyring',
    get: async (account) => (await ask({ op: 'get', account })) as string | undefined,
    set: async (account, value) => void (await ask({ op: 'set', account, value })),
    delete: async (account) => void (await ask({ op: 'delete', account })),
    list: async () => (await ask({ op: 'list' })) as string[],
  };
}
