import type { App } from '../../core/ports.ts';
import type { NamedReference } from '../../profiles/reference.ts';
import { examineReference } from '../credentials/examine-reference.ts';
import { type Finding, ok } from './finding.ts';

/** Checks whether a reference could be read. Reads nothing secret, and runs nothing. */
export function checkReference(app: App, reference: NamedReference): Finding {
  const { kind, place, problem, note, cure } = examineReference(app, reference);
  const detail = `${kind}: ${place}`;
  if (problem !== undefined) {
    const advice =
      'tokencli config show tells where it should be; tokencli config edit changes that';
    return { ok: false, code: 'store_unavailable', detail: `${detail}: ${problem}`, cure: advice };
  }
  if (note === undefined) return ok(detail);
  if (cure === undefined) return ok(`${detail} (${note})`);
  return { ok: false, detail: `${detail}: ${note}`, cure };
}
