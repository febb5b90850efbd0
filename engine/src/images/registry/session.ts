// One caller's conversation with the registry of one reference: manifests read whole, blobs as streams. Mirrors are asked
// first. Secrets and tokens live as long as the session and are shared with nobody.
import { IgniteError, type Reference } from '@ignite/api';
import type { Clock } from '../../host/index.ts';
import { digestOf } from '../digest.ts';
import { isIndexType, isManifestType, MANIFEST_ACCEPT } from '../media-types.ts';
import type { RegistryCredentials } from '../port.ts';
import { secretFor } from './credentials.ts';
import { createEndpoint, type Endpoint } from './endpoint.ts';
import { namingObject, refused, unreachable } from './failures.ts';
import { canonicalRegistry } from './hosts.ts';
import { createPlaces, type Places } from './places.ts';
import { readBody } from './read-body.ts';
import { withRetry } from './retry.ts';
import type { RegistrySettings } from './settings.ts';
import type { Answer } from './transport.ts';

export interface Document {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly mediaType: string;
}

/** A blob's bytes from `offset` on; a registry that ignores ranges starts again at 0. */
interface BlobStream {
  readonly offset: number;
  readonly body: AsyncIterable<Uint8Array>;
  /** The name of the mirror that sends it; absent: the registry itself does. */
  readonly mirror?: string;
}

export interface RegistrySession extends AsyncDisposable, Pick<Places, 'mirrored' | 'avoid'> {
  readonly registry: string;
  /** Keeps the connections open beyond the session's own disposal, for shared work, until disposed. */
  retain(): Disposable;
  /**
   * The manifest or index under a tag or digest, verified where a digest was asked for.
   * @throws IgniteError `images/not-found`, `images/unauthorized`, `images/registry-down`, `images/digest-mismatch`, …
   */
  manifest(target: string, signal: AbortSignal): Promise<Document>;
  /**
   * Opens a blob; nothing is verified here. Breaks in the body reject with the socket's error.
   * @param without mirrors to leave out this time
   */
  blob(
    digest: string,
    offset: number,
    signal: AbortSignal,
    without?: ReadonlySet<string>,
  ): Promise<BlobStream>;
}

export interface SessionOptions {
  readonly reference: Reference;
  readonly credentials: readonly RegistryCredentials[];
  readonly insecureRegistries: readonly string[];
  readonly settings: RegistrySettings;
  readonly clock: Clock;
  readonly maxManifestBytes: number;
}

/** Opens a session; nothing is sent yet. */
export function openSession(options: SessionOptions): RegistrySession {
  const { settings } = options;
  const registry = canonicalRegistry(options.reference.registry);
  const addresses = [...(settings.mirrors[registry] ?? []), options.reference.registry];
  const endpoints = addresses.map((address) =>
    createEndpoint({
      address,
      secret: secretFor(address, options.credentials),
      insecure: options.insecureRegistries,
      settings,
      clock: options.clock,
    }),
  );
  const places = createPlaces(endpoints);
  const { repository } = options.reference;
  const scope = `repository:${repository}:pull`;
  const send = (endpoint: Endpoint, path: string, headers: Record<string, string>, signal: AbortSignal) =>
    endpoint.send(`/v2/${repository}/${path}`, scope, { headers, signal });

  let users = 1;
  const release = async () => {
    users -= 1;
    if (users === 0) await Promise.all(endpoints.map((endpoint) => endpoint[Symbol.asyncDispose]()));
  };

  return {
    registry,
    mirrored: places.mirrored,
    avoid: places.avoid,
    retain() {
      users += 1;
      return { [Symbol.dispose]: () => void release() };
    },
    manifest: async (target, signal) => {
      const what = `Image ${repository}${target.includes(':') ? '@' : ':'}${target}`;
      try {
        return await withRetry({ ...settings, clock: options.clock, signal }, () =>
          places.first(async (endpoint, isMirror) => {
            const answer = await send(endpoint, `manifests/${target}`, { accept: MANIFEST_ACCEPT }, signal);
            if (answer.status !== 200) throw await refused(answer, what, endpoint.name);
            const document = await readManifest(
              answer,
              target,
              what,
              options.maxManifestBytes,
              endpoint.name,
              signal,
            );
            // A tag proves nothing: at least it must be what was asked for, and no page of a proxy.
            if (isMirror && !isDocument(document))
              throw new IgniteError('images/registry-refused', `${what}: ${endpoint.name} sent no manifest`);
            return document;
          }),
        );
      } catch (error) {
        throw namingObject(error, what);
      }
    },
    blob: (digest, offset, signal, without) =>
      places.first(async (endpoint, isMirror) => {
        const headers = {
          'accept-encoding': 'identity',
          ...(offset > 0 ? { range: `bytes=${offset}-` } : {}),
        };
        const answer = await send(endpoint, `blobs/${digest}`, headers, signal);
        const stream = await blobStream(answer, digest, offset, endpoint.name);
        return isMirror ? { ...stream, mirror: endpoint.name } : stream;
      }, without),
    [Symbol.asyncDispose]: release,
  };
}

async function readManifest(
  answer: Answer,
  target: string,
  what: string,
  limit: number,
  registry: string,
  signal: AbortSignal,
): Promise<Document> {
  const bytes = await readBody(answer, limit).catch((error: unknown) => {
    throw unreachable(error, registry, signal);
  });
  if (bytes === undefined)
    throw new IgniteError('images/too-large', `${what} has a manifest of more than ${limit} bytes`);
  const digest = digestOf(bytes);
  if (target.includes(':') && target !== digest)
    throw new IgniteError('images/digest-mismatch', `${what}: ${registry} sent ${digest}`, {
      details: { wanted: target, found: digest },
    });
  const mediaType = (answer.headers('content-type') ?? '').split(';')[0]?.trim() ?? '';
  return { bytes, digest, mediaType };
}

async function blobStream(
  answer: Answer,
  digest: string,
  offset: number,
  registry: string,
): Promise<BlobStream> {
  if (answer.status === 200) return { offset: 0, body: answer.body };
  const range = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(answer.headers('content-range') ?? '');
  if (answer.status === 206 && range !== null && Number(range[1]) === offset)
    return { offset, body: answer.body };
  if (answer.status === 206 || answer.status === 416) {
    answer.body.destroy();
    throw new IgniteError('images/registry-down', `Layer ${digest}: ${registry} cannot resume a download`, {
      details: { registry, status: answer.status, cannotResume: true },
    });
  }
  throw await refused(answer, `Layer ${digest}`, registry);
}

function isDocument({ mediaType, bytes }: Document): boolean {
  if (isIndexType(mediaType) || isManifestType(mediaType)) return true;
  return Buffer.from(bytes.subarray(0, 4096)).includes('"mediaType"');
}
