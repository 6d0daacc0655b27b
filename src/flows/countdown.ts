import type { Deadline } from '../core/deadline.ts';
import type { Progress } from '../core/interaction.ts';

/** A line on a terminal that says what is awaited and for how long yet. @returns ends it */
export function startCountdown(
  progress: Progress,
  deadline: Deadline,
  what: string,
  endsIn: () => number = deadline.remaining,
): () => void {
  return progress.start(() => {
    const seconds = Math.ceil(Math.min(endsIn(), deadline.remaining()) / 1000);
    const rest = String(seconds % 60).padStart(2, '0');
    return `${what}, ${Math.floor(seconds / 60)}:${rest} left (Ctrl+C ends it)`;
  });
}
