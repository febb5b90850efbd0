// The error for a faulty template.
import { IgniteError } from '@ignite/api/errors';

/** A mistake in a template, or in what it does with an object. */
export function templateError(message: string): IgniteError {
  return new IgniteError('cli/template', `The template is wrong: ${message}`);
}
