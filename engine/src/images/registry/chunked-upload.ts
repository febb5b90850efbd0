// An upload in chunks, for registries (or what stands before them) that take no large body at once (distribution-spec, "Pushing a
// blob in chunks").
import type { IgniteError } from '@ignite/api';
import type { Descriptor } from '../schema.ts';
import type { Answer, Send } from './transport.ts';

/** How an upload speaks with its registry. */
export interface Upload {
  readonly registry: string;
  send(path: string, request: Omit<Send, 'authorization' | 'signal'>): Promise<Answer>;
}

/** Small enough for what limits bodies (proxies do from 10 MB on), large enough to lose little by the round trips. */
const CHUNK_BYTES = 8 << 20;
/** Larger ones would have to be kept in memory. */
const MOST_CHUNK_BYTES = 64 << 20;

/** Whether the answer to a whole blob asks for chunks: too large, or no way to send it at once. */
export function demandsChunks(status: number): boolean {
  return status === 413 || status === 405 || status === 501;
}

/**
 * Sends a blob piece by piece and closes the upload.
 * @param started the answer to the request that began the upload
 * @param refuse makes the error for an answer
 */
export async function uploadInChunks(
  { send }: Upload,
  blob: Descriptor,
  started: Answer,
  open: () => AsyncIterable<Uint8Array>,
  refuse: (answer: Answer) => Promise<IgniteError>,
): Promise<void> {
  let place = placeOf(started);
  let at = 0;
  for await (const chunk of chunksOf(open(), chunkBytes(started))) {
    if (place === undefined) throw await refuse(started);
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': String(chunk.length),
      // not the header of RFC 9110: the specification wants neither unit nor whole size
      'content-range': `${at}-${at + chunk.length - 1}`,
    };
    const answer = await send(place.href, { method: 'PATCH', headers, body: chunk });
    if (answer.status !== 202 && answer.status !== 204) throw await refuse(answer);
    await answer.body.dump();
    at += chunk.length;
    place = placeOf(answer) ?? place;
  }
  if (place === undefined) throw await refuse(started);
  place.searchParams.set('digest', blob.digest);
  const closed = await send(place.href, { method: 'PUT', headers: { 'content-length': '0' } });
  if (closed.status !== 201) throw await refuse(closed);
  await closed.body.dump();
}

/** Where the upload goes on; each answer may name another place. */
export function placeOf(answer: Answer): URL | undefined {
  const location = answer.headers('location');
  if (location === undefined || !URL.canParse(location, answer.url.href)) return undefined;
  return new URL(location, answer.url);
}

function chunkBytes(started: Answer): number {
  const least = Number(started.headers('oci-chunk-min-length') ?? 0);
  return Number.isSafeInteger(least) ? Math.min(Math.max(least, CHUNK_BYTES), MOST_CHUNK_BYTES) : CHUNK_BYTES;
}

async function* chunksOf(bytes: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let kept: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    kept.push(piece);
    length += piece.length;
    if (length < size) continue;
    const whole = Buffer.concat(kept);
    for (; length >= size; length -= size)
      yield whole.subarray(whole.length - length, whole.length - length + size);
    kept = length === 0 ? [] : [whole.subarray(whole.length - length)];
  }
  if (length > 0) yield Buffer.concat(kept);
}
