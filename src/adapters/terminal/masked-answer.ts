import {
  createPrompt,
  isEnterKey,
  makeTheme,
  useKeypress,
  usePrefix,
  useRef,
  useState,
} from '@inquirer/core';
import type { Question } from '../../core/interaction.ts';

const HIDE_CURSOR = '\u001b[?25l';

/**
 * An input line that shows nothing of what is typed. A refused answer is forgotten: what cannot be seen
 * cannot be corrected, and the next attempt would be appended to it.
 */
export const askMasked = createPrompt<string, Pick<Question, 'message' | 'validate'>>(
  ({ message, validate }, done) => {
    const theme = makeTheme();
    const [status, setStatus] = useState<'idle' | 'done'>('idle');
    const [refused, setRefused] = useState<string | undefined>();
    const prefix = usePrefix({ status, theme });
    const typed = useRef('');
    const isOver = useRef(false);

    useKeypress((key, line) => {
      if (isOver.current) return;
      if (!isEnterKey(key)) {
        typed.current = line.line;
        setRefused(undefined);
        return;
      }
      const answer = typed.current;
      const problem = validate?.(answer);
      setRefused(problem);
      // the line reader has cleared its line, too
      typed.current = '';
      if (problem !== undefined) return;
      isOver.current = true;
      setStatus('done');
      done(answer);
    });

    const shown = status === 'idle' ? theme.style.help('[input is masked]') + HIDE_CURSOR : '';
    const below = refused === undefined ? '' : theme.style.error(refused);
    const line = [prefix, theme.style.message(message, status), shown].filter(Boolean).join(' ');
    return [line, below];
  },
);
