// An OCI image layout with given layers, for other tools to unpack.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Writes the layout into `folder`, its only image tagged `latest`. */
export async function writeOciLayout(folder: string, layers: readonly Buffer[]): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const add = async (bytes: Buffer, mediaType: string): Promise<object> => {
    const hex = digestOf(bytes);
    await writeFile(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const described: object[] = [];
  for (const layer of layers) {
    described.push(await add(gzipSync(layer), 'application/vnd.oci.image.layer.v1.tar+gzip'));
  }
  const config = await add(
    json({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${digestOf(layer)}`) },
    }),
    'application/vnd.oci.image.config.v1+json',
  );
  const manifest = await add(
    json({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config,
      layers: described,
    }),
    'application/vnd.oci.image.manifest.v1+json',
  );
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  await writeFile(
    join(folder, 'index.json'),
    json({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
  await writeFile(join(folder, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
}
