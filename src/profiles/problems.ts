import type { core, ZodMiniType } from 'zod/mini';
import { shorten } from '../core/text.ts';

/**
 * Formats what zod reports, one line for each problem: `profiles[2].tenantId: must be …`. Never
 * contains the value: it may be a secret that was put into the wrong field.
 * @param prefix path of the value in the file
 * @param whole what the value is called where that path is empty
 */
export function findProblems(
  schema: ZodMiniType,
  value: unknown,
  prefix: string,
  whole = 'the file',
): string[] {
  const { error } = schema.safeParse(value, { reportInput: true });
  const lines = (error?.issues ?? []).map((issue) => {
    const path = prefix + issue.path.map(pathPart).join('');
    const missing = issue.input === undefined;
    return `${path.replace(/^\./, '') || whole}: ${missing ? 'is missing' : rule(issue)}`;
  });
  // two rules of one field may have the same message
  return [...new Set(lines)];
}

/** Joins problems to one line. After the tenth, only their number is given. */
export function joinProblems(problems: readonly string[]): string {
  const more = problems.length - 10;
  return problems.slice(0, 10).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

const TYPES: Record<string, string> = {
  string: 'text',
  array: 'a list',
  object: 'an object',
  boolean: 'true or false',
};

function rule(issue: core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `needs at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must not be longer than ${issue.maximum} characters`
        : `must not hold more than ${issue.maximum}`;
    case 'unrecognized_keys':
      return `has no place for ${issue.keys.slice(0, 3).map(quote).join(', ')}`;
    default:
      return issue.message;
  }
}

function quote(name: string): string {
  return `'${shorten(name, 40)}'`;
}

function pathPart(part: PropertyKey): string {
  return typeof part === 'number' ? `[${part}]` : `.${String(part)}`;
}
