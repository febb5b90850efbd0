// Pushes a test image to a registry, the plain way (distribution-spec, "Pushing Blobs Monolithically").
import type { Blob, BuiltImage } from './build-image.ts';

/** Pushes blobs and manifest under a tag. `base` is `http://127.0.0.1:5000`. */
export async function pushImage(
  base: string,
  repository: string,
  tag: string,
  image: BuiltImage,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const blob of [image.config, ...image.layers]) await pushBlob(base, repository, blob, headers);
  await pushManifest(base, repository, tag, image.manifest, headers);
}

/** Pushes a manifest or index. */
export async function pushManifest(
  base: string,
  repository: string,
  target: string,
  manifest: Blob,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const answer = await fetch(`${base}/v2/${repository}/manifests/${target}`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': manifest.mediaType },
    body: Buffer.from(manifest.bytes),
  });
  if (answer.status !== 201) throw new Error(`Manifest: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** Pushes one blob in one piece. */
export async function pushBlob(
  base: string,
  repository: string,
  blob: Blob,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const started = await fetch(`${base}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers });
  await started.arrayBuffer();
  const url = new URL(started.headers.get('location') ?? '', base);
  url.searchParams.set('digest', blob.digest);
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: Buffer.from(blob.bytes),
  });
  if (answer.status !== 201) throw new Error(`Blob: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}
