// Answers on their way out: one JSON document, NDJSON of a long operation, NDJSON of events, LOG frames, files.
import type { ServerResponse } from 'node:http';
import type { OperationId, Progress } from '@ignite/api';
import { drained } from '@ignite/api/frames';
import { type Encode, encodeResult } from './encode.ts';
import { asIgniteError, errorBodyOf } from './errors.ts';

const NDJSON = 'application/x-ndjson';

/** How an operation answers: by the kind its row in the API's table names. */
export type Handled =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'operation'; readonly run: (report: (progress: Progress) => void) => Promise<unknown> }
  | { readonly kind: 'events'; readonly events: AsyncIterable<unknown> }
  | { readonly kind: 'frames'; readonly frames: AsyncIterable<Uint8Array> }
  | { readonly kind: 'bytes'; readonly bytes: AsyncIterable<Uint8Array> };

/** Writes the answer to its end. */
export async function writeAnswer(
  response: ServerResponse,
  id: OperationId,
  handled: Handled,
  encode: Encode,
): Promise<void> {
  switch (handled.kind) {
    case 'json':
      return writeJson(response, 200, encode(id, handled.value));
    case 'operation':
      return writeOperation(response, id, handled.run);
    case 'events':
      response.writeHead(200, { 'content-type': NDJSON });
      response.flushHeaders();
      return writeAll(response, lines(handled.events));
    case 'frames':
      response.writeHead(200, { 'content-type': 'application/vnd.ignite.frames' });
      response.flushHeaders();
      return writeAll(response, handled.frames);
    case 'bytes':
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      return writeAll(response, handled.bytes);
  }
}

/** An error instead of an answer; what is already under way can only be cut. */
export function writeError(response: ServerResponse, thrown: unknown): void {
  const error = asIgniteError(thrown);
  if (response.headersSent) {
    response.destroy(error);
    return;
  }
  writeJson(response, error.entry.status, JSON.stringify({ error: errorBodyOf(error) }));
}

function writeJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** Progress lines as they come; the status is 200 as soon as work has begun, so the last line says how it ended. */
async function writeOperation(
  response: ServerResponse,
  id: OperationId,
  run: (report: (progress: Progress) => void) => Promise<unknown>,
): Promise<void> {
  response.writeHead(200, { 'content-type': NDJSON });
  response.flushHeaders();
  const say = (line: object) => void response.write(`${JSON.stringify(line)}\n`);
  try {
    const value = await run((progress) => {
      if (!response.writableNeedDrain || !isPassing(progress)) say({ type: 'progress', progress });
    });
    say({ type: 'result', value: encodeResult(id, value) });
  } catch (error) {
    say({ type: 'error', error: errorBodyOf(asIgniteError(error)) });
  }
  response.end();
}

/** What the next of its kind says as well: it need not wait for a client that was halted and reads nothing for hours. */
function isPassing(progress: Progress): boolean {
  return progress.kind === 'bytes' && progress.done !== progress.total;
}

async function writeAll(response: ServerResponse, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

async function* lines(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`;
}
