// zod's issues in our words: one violation for each thing wrong, unknown fields each on their own.
import type { z } from 'zod';
import { joinPath } from '../validate/violation.ts';

/** A violation that still knows its path, so that its place in a text can be found. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  /** For an unknown field: its name. */
  readonly key?: string;
  readonly message: string;
}

/** What zod found. */
export function zodIssues(error: z.ZodError): readonly Issue[] {
  return error.issues.flatMap(fromZod);
}

function fromZod(issue: z.core.$ZodIssue): readonly Issue[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path, key, message: 'is an unknown field' }));
    case 'invalid_type':
      return [{ path, message: typeMessage(issue) }];
    case 'invalid_value':
      return [{ path, message: `must be ${issue.values.map((value) => String(value)).join(' or ')}` }];
    case 'too_big':
      return [{ path, message: `must be at most ${issue.maximum}` }];
    case 'too_small':
      return [
        { path, message: `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}` },
      ];
    case 'invalid_format':
      return [
        { path, message: issue.format === 'datetime' ? 'must be an RFC 3339 time' : 'has the wrong form' },
      ];
    case 'invalid_union':
      return [{ path, message: 'has the wrong type' }];
    default:
      return [{ path, message: issue.message.replace(/^Invalid (?:input|string): /, '') }];
  }
}

function typeMessage(issue: z.core.$ZodIssueInvalidType): string {
  const { input } = issue;
  if (/received undefined/.test(issue.message)) return 'is missing';
  const expected = { record: 'a map', object: 'a map', array: 'a list', int: 'a whole number' }[
    issue.expected as string
  ];
  const quoted = typeof input === 'number' && issue.expected === 'string' ? '; put it in quotes' : '';
  return `must be ${expected ?? `a ${issue.expected}`}${quoted}`;
}

/** The path as shown: `spec.cpu` for an unknown field `cpu` of spec. */
export function issuePath(issue: Issue): string {
  return joinPath(issue.key === undefined ? issue.path : [...issue.path, issue.key]);
}
