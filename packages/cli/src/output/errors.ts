// Errors as people read them: the message, the chain of causes, what to do.
import { IgniteError } from '@ignite/api/errors';
import { escapeLines, withoutControlSequences } from './escape.ts';
import type { Output } from './output.ts';

const MAX_CAUSES = 8;

/** Prints an error on stderr. Texts from elsewhere are escaped. */
export function printError(out: Output, error: unknown): void {
  for (const line of errorLines(error)) out.warn(line);
}

/** `Error: …`, a line per cause, the hint. */
function errorLines(error: unknown): readonly string[] {
  if (!(error instanceof IgniteError)) return strangeLines(error);
  const stage = error.stage === undefined ? '' : ` (stage ${error.stage})`;
  const console = error.details['console'];
  const tail = typeof console === 'string' ? console.split('\n') : Array.isArray(console) ? console : [];
  const hint = typeof error.details['hint'] === 'string' ? error.details['hint'] : error.entry.hint;
  return [
    `Error: ${error.message}${stage}`,
    ...causeTexts(error).map((text) => `  because: ${text}`),
    ...(tail.length === 0
      ? []
      : [
          'Last lines of the console:',
          ...tail.slice(-50).map((line) => `  ${withoutControlSequences(String(line))}`),
        ]),
    ...(hint === '' ? [] : [`Hint: ${hint}`]),
  ].map(escapeLines);
}

function causeTexts(error: Error): readonly string[] {
  const texts: string[] = [];
  let cause = error.cause;
  while (cause instanceof Error && texts.length < MAX_CAUSES) {
    if (cause.message !== '' && !texts.includes(cause.message)) texts.push(cause.message);
    cause = cause.cause;
  }
  return texts;
}

/** No IgniteError: a bug of the program, printed with its stack. */
function strangeLines(error: unknown): readonly string[] {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [`Error: Ignite made a mistake: ${text}`, 'Hint: Please report it with the text above.'].map(
    escapeLines,
  );
}
