// Uploads to one repository (distribution-spec, "Push"): asks first, takes blobs over from other repositories of the same
// registry where it can, sends the rest in one piece each, or in chunks where that is refused.
import { isIgniteError, type Reference } from '@ignite/api';
import type { Descriptor } from '../schema.ts';
import { secretFor } from './credentials.ts';
import { demandsChunks, placeOf, type Upload, uploadInChunks } from './chunked-upload.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { refused } from './failures.ts';
import { withRetry } from './retry.ts';
import type { SessionOptions } from './session.ts';
import type { Answer } from './transport.ts';

/** How a blob came to be in the repository. */
type Arrival = 'there' | 'mounted' | 'sent';

export interface PushSession extends AsyncDisposable {
  readonly registry: string;
  /**
   * Makes a blob be in the repository.
   * @param from another repository of this registry that may have it
   * @param open the blob's bytes from the start; called again for another attempt
   * @throws IgniteError `images/unauthorized`, `images/registry-down`, `images/registry-refused`, `host/cancelled`
   */
  blob(
    blob: Descriptor,
    from: string | undefined,
    open: () => AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<Arrival>;
  /** Puts a manifest under a tag or its digest. */
  manifest(target: string, mediaType: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
}

const BYTES = 'application/octet-stream';

/** Opens a session; nothing is sent yet. Mirrors are for reading only. */
export function openPushSession(options: SessionOptions): PushSession {
  const { clock, settings, reference } = options;
  const endpoint = createEndpoint({
    address: reference.registry,
    secret: secretFor(reference.registry, options.credentials),
    insecure: options.insecureRegistries,
    settings,
    clock,
  });
  return {
    registry: endpoint.name,
    blob: (blob, from, open, signal) =>
      withRetry({ ...settings, clock, signal }, () =>
        arrive(createUpload(endpoint, reference, from, signal), blob, from, open),
      ),
    manifest: (target, mediaType, bytes, signal) =>
      withRetry({ ...settings, clock, signal }, async () => {
        const { send } = createUpload(endpoint, reference, undefined, signal);
        const request = { method: 'PUT' as const, headers: { 'content-type': mediaType }, body: bytes };
        const answer = await send(`manifests/${target}`, request);
        if (answer.status !== 201) throw await refused(answer, `Manifest ${target}`, endpoint.name);
        await answer.body.dump();
      }),
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}

function createUpload(
  endpoint: Endpoint,
  { repository }: Reference,
  from: string | undefined,
  signal: AbortSignal,
): Upload {
  const own = `repository:${repository}:pull,push`;
  const scope = from === undefined ? own : `${own} repository:${from}:pull`;
  return {
    registry: endpoint.name,
    // What a registry names as the place of an upload is a path, or an address that counts as it is.
    send: (path, request) =>
      endpoint.send(/^(?:\/|https?:)/.test(path) ? path : `/v2/${repository}/${path}`, scope, {
        ...request,
        signal,
      }),
  };
}

async function arrive(
  upload: Upload,
  blob: Descriptor,
  from: string | undefined,
  open: () => AsyncIterable<Uint8Array>,
): Promise<Arrival> {
  const { registry, send } = upload;
  const there = await send(`blobs/${blob.digest}`, { method: 'HEAD' });
  await there.body.dump();
  if (there.status === 200) return 'there';
  const started = await start(upload, blob, from);
  await started.body.dump();
  if (started.status === 201) return 'mounted';
  const place = placeOf(started);
  const refuse = (answer: Answer) => refused(answer, `Layer ${blob.digest}`, registry);
  if (started.status !== 202 || place === undefined) throw await refuse(started);
  place.searchParams.set('digest', blob.digest);
  const headers = { 'content-type': BYTES, 'content-length': String(blob.size) };
  const sent = await send(place.href, { method: 'PUT', headers, body: open });
  if (demandsChunks(sent.status)) {
    await sent.body.dump();
    const again = await start(upload, blob, undefined); // what was refused has ended that upload
    await again.body.dump();
    await uploadInChunks(upload, blob, again, open, refuse);
    return 'sent';
  }
  if (sent.status !== 201) throw await refuse(sent);
  await sent.body.dump();
  return 'sent';
}

// A registry that does not like the question for a mount is asked for an ordinary upload.
async function start(upload: Upload, blob: Descriptor, from: string | undefined): Promise<Answer> {
  const ask = async (query: string): Promise<Answer> => {
    const answer = await upload.send(`blobs/uploads/${query}`, {
      method: 'POST',
      headers: { 'content-length': '0' },
    });
    if (answer.status === 201 || answer.status === 202) return answer;
    throw await refused(answer, `The upload of ${blob.digest}`, upload.registry);
  };
  if (from === undefined) return ask('');
  try {
    return await ask(`?mount=${encodeURIComponent(blob.digest)}&from=${encodeURIComponent(from)}`);
  } catch (error) {
    if (isIgniteError(error, 'host/cancelled') || isIgniteError(error, 'images/registry-down')) throw error;
    return ask('');
  }
}
