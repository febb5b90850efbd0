// The answer of `GET /v1/vms/{ref}/logs`: LOG frames, read at the caller's pace.
import { createFrameParser, decodeLog, type LogPiece } from '@ignite/api/frames';
import { FRAME } from '@ignite/protocol';
import { type Request, sendRequest, type Transport, transportError } from './transport.ts';

/** Pieces of log in order. Leaving the loop ends the request. */
export async function* readLog(
  transport: Transport,
  request: Request,
): AsyncGenerator<LogPiece, void, undefined> {
  const answer = await sendRequest(transport, request);
  const parser = createFrameParser();
  try {
    for await (const piece of answer) {
      for (const frame of parser.push(piece)) if (frame.type === FRAME.LOG) yield decodeLog(frame);
    }
  } catch (error) {
    throw error instanceof Error ? transportError(transport, request.signal, error) : error;
  } finally {
    answer.destroy();
  }
}
