// `docker://IMAGE` and `containerd://[NAMESPACE@]IMAGE`: images of programs on this host. The caller's rights on their
// sockets count (CLI rule 21): the CLI reads, and sends what it read to the daemon.
import type { Readable } from 'node:stream';
import { IgniteError } from '@ignite/api/errors';
import { normalizeReference, parseReference } from '@ignite/api/references';
import type { ImageDocument } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { pullOptions } from '../request/pull-options.ts';
import { longOperation } from '../run/shared/long-operation.ts';
import { usage } from '../usage-error.ts';

/** An image of another program. */
export interface LocalSource {
  readonly kind: 'docker' | 'containerd';
  /** Familiar form, with a tag: the name it has there, and gets here. */
  readonly reference: string;
  /** Of containerd; absent: CONTAINERD_NAMESPACE, else `default`. */
  readonly namespace?: string;
}

type Pull = 'missing' | 'always' | 'never';

/**
 * The source that an image word names; undefined for what a registry has.
 * @throws IgniteError `cli/usage`, `api/invalid-reference`
 */
export function localSource(word: string): LocalSource | undefined {
  const match = /^(docker|containerd):\/\/(?:([A-Za-z0-9][\w.-]*)@(?!sha256:))?(.+)$/s.exec(word);
  if (match === null) return undefined;
  const [, kind, namespace, name = ''] = match;
  if (kind === 'docker' && namespace !== undefined) throw usage(`"${word}": Docker has no namespaces`);
  if (parseReference(name).digest !== undefined)
    throw usage(
      `"${word}": name the image by its tag; the digest of a local image is not that of a registry`,
    );
  const reference = normalizeReference(name);
  return {
    kind: kind === 'docker' ? 'docker' : 'containerd',
    reference,
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/**
 * The image here, taken over where the policy says so.
 * @throws IgniteError `cli/source-unreachable`, `cli/source-refused`; what loading throws
 */
export async function fromLocalSource(
  context: CommandContext,
  source: LocalSource,
  pull: Pull,
): Promise<ImageDocument> {
  const { reference } = source;
  if (pull !== 'always') {
    const client = await context.client();
    const known = (await client.listImages({ signal: context.signal })).find(
      (image) => image.metadata.name === reference,
    );
    if (known !== undefined) return known;
    if (pull === 'never')
      throw new IgniteError('images/not-found', `There is no image ${reference} on this host`);
  }
  const stream = await openSource(context, source);
  const [image] = await longOperation(context, (client, call) =>
    client.loadImage(stream, { reference }, call),
  );
  if (image === undefined) throw new IgniteError('images/not-found', `${reference} was not loaded`);
  return image;
}

/**
 * Lets the program pull the image. Docker is given the caller's login for it; ctr would take one from its arguments alone,
 * for everybody to see: what containerd is refused comes from the registry instead.
 * @throws IgniteError `cli/source-unreachable`, `cli/source-refused`
 */
export async function pullThere({ flags, host, signal }: CommandContext, source: LocalSource): Promise<void> {
  if (source.kind === 'docker') {
    const { pullDockerImage } = await import('./docker.ts');
    const { credentials = [] } = await pullOptions(host, flags, [source.reference]);
    return pullDockerImage(host.env, source.reference, signal, credentials[0]);
  }
  const { pullContainerdImage } = await import('./containerd.ts');
  return pullContainerdImage(host.env, source, signal);
}

async function openSource({ host, signal }: CommandContext, source: LocalSource): Promise<Readable> {
  if (source.kind === 'docker') {
    const { openDockerImage } = await import('./docker.ts');
    return await openDockerImage(host.env, source.reference, signal);
  }
  const { openContainerdImage } = await import('./containerd.ts');
  return openContainerdImage(host.env, source, signal);
}
