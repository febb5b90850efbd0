// Answers that are files.
import { type Request, sendRequest, type Transport } from './transport.ts';

/**
 * The bytes of an answer, read at the caller's pace. Leaving the loop ends the request.
 * @throws IgniteError the daemon's own error before the first byte; `cli/connection-lost` where the rest is missing
 */
export async function* readBytes(
  transport: Transport,
  request: Request,
): AsyncGenerator<Uint8Array, void, undefined> {
  const answer = await sendRequest(transport, request);
  try {
    yield* answer;
  } finally {
    answer.destroy();
  }
}
