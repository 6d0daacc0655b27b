import {
  createPrompt,
  isEnterKey,
  isTabKey,
  makeTheme,
  useEffect,
  useKeypress,
  usePrefix,
  useRef,
  useState,
} from '@inquirer/core';
import type { Question } from '../../core/interaction.ts';

/** An input line. While it is typed, a hint and the suggestions are shown below it. */
export const askTyped = createPrompt<string, Omit<Question, 'signal'>>((question, done) => {
  const { message, default: initial, validate, suggestions = [] } = question;
  const theme = makeTheme();
  const [status, setStatus] = useState<'idle' | 'done'>('idle');
  const [typed, setTyped] = useState('');
  const [refused, setRefused] = useState<string | undefined>();
  const prefix = usePrefix({ status, theme });

  // what has been typed by now, while `typed` is what is shown of it
  const latest = useRef('');
  const isOver = useRef(false);
  const drawing = useRef<NodeJS.Immediate | undefined>(undefined);
  const drawSoon = () => {
    // the keys of a paste come all at once, so they are drawn once
    drawing.current ??= setImmediate(() => {
      drawing.current = undefined;
      setTyped(latest.current);
    });
  };
  const end = () => {
    isOver.current = true;
    clearImmediate(drawing.current);
  };
  useEffect(() => end, []);

  useKeypress((key, line) => {
    if (isOver.current) return;
    if (isEnterKey(key)) {
      const answer = latest.current === '' ? (initial ?? '') : latest.current;
      const problem = validate?.(answer);
      setRefused(problem);
      if (problem !== undefined) {
        // the line reader has cleared the line; put it back, so that it can be corrected
        line.write(latest.current);
        return;
      }
      end();
      setTyped(answer);
      setStatus('done');
      done(answer);
    } else {
      const next = isTabKey(key) ? complete(latest.current, initial, suggestions) : line.line;
      if (isTabKey(key)) {
        line.clearLine(0);
        line.write(next);
      }
      latest.current = next;
      drawSoon();
      setRefused(undefined);
    }
  });

  const asked = theme.style.message(message, status);
  const answer = status === 'done' ? theme.style.answer(typed) : typed;
  const offered = initial !== undefined && typed === '' && status === 'idle';
  const words = [prefix, asked, ...(offered ? [theme.style.defaultAnswer(initial)] : []), answer];
  if (status === 'done') return words.join(' ');
  if (refused !== undefined) return [words.join(' '), theme.style.error(refused)];
  const hint = typed === '' ? undefined : validate?.(typed);
  const known =
    suggestions.length > 0 ? `Tab: ${matching(typed, suggestions).join('\n     ')}` : '';
  const below = [hint, known].filter(Boolean).map((text) => theme.style.help(String(text)));
  return [words.join(' '), below.join('\n')];
});

/**
 * The suggestions that contain the typed text; all of them if none does, or if the text is a
 * suggestion.
 */
function matching(typed: string, suggestions: readonly string[]): readonly string[] {
  const found = suggestions.filter((each) => each.toLowerCase().includes(typed.toLowerCase()));
  return found.length === 0 || found.includes(typed) ? suggestions : found;
}

/** The suggestion after the typed one; if none is typed, the first that matches. */
function complete(typed: string, initial: string | undefined, suggestions: readonly string[]) {
  const all = matching(typed, suggestions);
  if (all.length === 0) return typed === '' ? (initial ?? '') : typed;
  return all[(all.indexOf(typed) + 1) % all.length] ?? typed;
}
