import { isCi } from '../../core/ci.ts';
import type { Progress } from '../../core/interaction.ts';
import type { App } from '../../core/ports.ts';
import { cleanText } from '../../output/terminal-text.ts';

const REDRAW_MILLISECONDS = 1000;

/** Shows on a terminal what tokencli is waiting for. */
export function createProgress({ io, env, log, atEnd }: App): Progress {
  const isVisible = io.stderrIsTty && !log.silent && !isCi(env) && env['TERM'] !== 'dumb';
  return {
    start: (line) => {
      if (!isVisible) return () => {};
      const draw = () => io.showStatus(cleanText(log.redact(line())));
      const timer = setInterval(draw, REDRAW_MILLISECONDS);
      timer.unref();
      const stop = () => {
        clearInterval(timer);
        io.showStatus(undefined);
      };
      atEnd(stop);
      draw();
      return stop;
    },
  };
}
