import type { Progress } from '../../core/interaction.ts';
import type { App } from '../../core/ports.ts';
import { cleanText } from '../../output/terminal-text.ts';

type World = Pick<App, 'io' | 'env' | 'log' | 'atEnd'>;

const EVERY = 1000;

/** Shows people on a terminal that, and for what, we wait. */
export function createProgress(world: World): Progress {
  const { io, env, log } = world;
  const isSeen = io.stderrIsTty && !log.silent && !env['CI'] && env['TERM'] !== 'dumb';
  return {
    start: (line) => {
      if (!isSeen) return () => {};
      const draw = () => io.showStatus(cleanText(log.redact(line())));
      const timer = setInterval(draw, EVERY);
      timer.unref();
      let stopped = false;
      const stop = () => {
        if (stopped) return;
        stopped = true;
        clearInterval(timer);
        io.showStatus(undefined);
      };
      world.atEnd(stop);
      draw();
      return stop;
    },
  };
}
