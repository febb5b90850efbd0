// Answers that are lines of JSON: progress of long operations, and events.
import type { ErrorBody, Progress } from '@ignite/api';
import { IgniteError } from '@ignite/api/errors';
import type { Answer } from './answer.ts';
import { errorFromBody, isErrorBody, isObject, parseJson } from './errors.ts';
import { type Request, sendRequest, type Transport } from './transport.ts';

/** Characters of one line; a longer one is no answer of ours. */
const MAX_LINE = 16 << 20;

/** One parsed line after the other. */
export async function* readLines(
  transport: Transport,
  request: Request,
): AsyncGenerator<unknown, void, undefined> {
  const answer = await sendRequest(transport, request);
  try {
    for await (const line of textLines(answer)) yield parseLine(line);
  } finally {
    answer.destroy();
  }
}

async function* textLines(answer: Answer): AsyncGenerator<string, void, undefined> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const piece of answer) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) throw strange('a line without end');
    yield* lines.filter((line) => line !== '');
  }
  if (rest !== '') yield rest;
}

function parseLine(line: string): unknown {
  const value = parseJson(line);
  if (value === undefined) throw strange(line.slice(0, 200));
  return value;
}

/**
 * A long operation to its end: progress is reported as it comes.
 * @returns the value of the last line, to be trusted as the daemon's
 * @throws IgniteError the operation's own error; `cli/connection-lost` where the last line is missing
 */
export async function readOperation(
  transport: Transport,
  request: Request,
  report: ((progress: Progress) => void) | undefined,
): Promise<unknown> {
  for await (const line of readLines(transport, request)) {
    const read = readOperationLine(line);
    if (read.type === 'progress') report?.(read.progress);
    else if (read.type === 'error') throw errorFromBody(read.error);
    else if (read.type === 'result') return read.value;
  }
  throw new IgniteError('cli/connection-lost', 'The daemon ended the operation without a result');
}

type OperationLine =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'error'; readonly error: ErrorBody }
  | { readonly type: 'other' };

/** Lines of a newer daemon that we do not know are passed over. */
function readOperationLine(line: unknown): OperationLine {
  if (!isObject(line)) throw strange(JSON.stringify(line).slice(0, 200));
  if (line['type'] === 'result') return { type: 'result', value: line['value'] };
  if (line['type'] === 'error' && isErrorBody(line['error'])) return { type: 'error', error: line['error'] };
  if (line['type'] === 'progress' && isProgress(line['progress']))
    return { type: 'progress', progress: line['progress'] };
  if (line['type'] === 'error') throw strange(JSON.stringify(line).slice(0, 200));
  return { type: 'other' };
}

function isProgress(value: unknown): value is Progress {
  if (!isObject(value)) return false;
  if (value['kind'] === 'note') return typeof value['text'] === 'string';
  if (value['kind'] === 'stage') return typeof value['name'] === 'string';
  return (
    value['kind'] === 'bytes' &&
    typeof value['id'] === 'string' &&
    typeof value['label'] === 'string' &&
    typeof value['done'] === 'number'
  );
}

function strange(line: string): IgniteError {
  return new IgniteError('cli/strange-answer', 'The daemon answered with something that is no answer', {
    details: { line },
  });
}
