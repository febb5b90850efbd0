// What a person sees of a failure, checked for what every error must have.
import assert from 'node:assert/strict';
import type { Ended } from '../world/index.ts';

export interface Expected {
  readonly code: number;
  /** What the error must say. */
  readonly says: RegExp;
  readonly stage?: string;
  readonly hint: RegExp;
}

/** One error, with the stage it came at and the way out; no stack trace, nothing on stdout. */
export function assertFails({ code, stdout, stderr }: Ended, expected: Expected): void {
  assert.equal(code, expected.code, stderr);
  assert.equal(stdout, '');
  const errors = stderr.split('\n').filter((line) => line.startsWith('Error: '));
  assert.equal(errors.length, 1, stderr);
  assert.match(stderr, expected.says);
  assert.match(stderr.split('\n').find((line) => line.startsWith('Hint: ')) ?? '', expected.hint, stderr);
  if (expected.stage !== undefined) assert.match(stderr, new RegExp(`\\(stage ${expected.stage}\\)`));
  assert.doesNotMatch(stderr, /^ +at |made a mistake|\bundefined\b|\[object/m);
}
