import { Chalk } from 'chalk';
import type { Style } from '../../core/ports.ts';

/** Colours for a terminal. */
export function createStyle(): Style {
  const { bold, dim, green, yellow, cyan } = new Chalk({ level: 1 });
  return { bold, dim, green, yellow, cyan };
}
