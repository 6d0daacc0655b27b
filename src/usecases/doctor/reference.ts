import type { App } from '../../core/ports.ts';
import { examineReference } from '../credentials/examine-reference.ts';
import { type Finding, ok } from './finding.ts';
import type { Target } from './target.ts';

/**
 * Checks whether a reference could be read. Reads nothing secret, and runs nothing.
 * @returns undefined if the profile has none
 */
export function checkReference(app: App, { name, reference }: Target): Finding | undefined {
  if (!reference) return undefined;
  const { kind, place, problem, note, cure } = examineReference(app, reference);
  const detail = `${kind}: ${place}`;
  if (problem !== undefined) {
    const advice = `correct it, or name another place: tokencli config edit -p ${name}`;
    return { ok: false, code: 'store_unavailable', detail: `${detail}: ${problem}`, cure: advice };
  }
  if (note === undefined) return ok(detail);
  if (cure === undefined) return ok(`${detail} (${note})`);
  return { ok: false, detail: `${detail}: ${note}`, cure };
}
