import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What a test names in `BROWSER` or `browserCommand`: it notes the link, and a `Person` visits it. */
export interface Opener {
  readonly program: string;
  /** Links it was started with, in order. */
  opened(): readonly string[];
  /** Waits for a link that nobody has asked for before. */
  next(): Promise<string>;
}

/** What it prints, as browsers do: none of it may reach the output of who started it. */
export const CHATTER = 'Opening in existing browser session.';

const PATIENCE = 60_000;

export function createOpener(folder: string): Opener {
  const program = join(folder, 'opener');
  const notes = join(folder, 'opened');
  let taken = 0;
  writeFileSync(notes, '');
  writeFileSync(
    program,
    `#!/bin/sh
echo '${CHATTER}'
echo '${CHATTER}' >&2
for link; do :; done
printf '%s\\n' "$link" >>'${notes}'
sleep 0.3
echo '${CHATTER}'
echo '${CHATTER}' >&2
`,
  );
  chmodSync(program, 0o700);
  const opened = () => readFileSync(notes, 'utf8').split('\n').slice(0, -1);
  return {
    program,
    opened,
    next: async () => {
      for (const start = performance.now(); ; await pause(20)) {
        const link = opened()[taken];
        if (link !== undefined) {
          taken++;
          return link;
        }
        if (performance.now() - start > PATIENCE) throw new Error('no link was opened');
      }
    },
  };
}
