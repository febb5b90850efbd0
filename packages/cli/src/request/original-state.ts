// The state directory of Weave Ignite: one folder for each VM, image and kernel, with its object in metadata.json
// (FS-02, FS-04, FS-07) and a VM's generated key next to it (FS-09). Read only.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '@ignite/api';
import { IgniteError } from '@ignite/api/errors';
import type { Declared } from './manifests.ts';

export interface OriginalState {
  readonly vms: readonly Declared[];
  readonly images: readonly string[];
  readonly kernels: readonly string[];
  /** What could not be taken, or only in part. */
  readonly notes: readonly string[];
}

/** @throws IgniteError `cli/file-unreadable` where the folder has nothing of the original's */
export async function readOriginalState(folder: string): Promise<OriginalState> {
  const notes: string[] = [];
  const [vms, images, kernels] = await Promise.all(
    ['vm', 'image', 'kernel'].map((kind) => objectsIn(join(folder, kind), notes)),
  );
  if (vms === undefined && images === undefined && kernels === undefined)
    throw new IgniteError(
      'cli/file-unreadable',
      `${folder} is no state directory of Weave Ignite: it has no vm, image or kernel`,
    );
  const declared: Declared[] = [];
  for (const { manifest, path } of vms ?? []) {
    if (manifest.kind !== 'VM') continue;
    declared.push(await declaredOf(manifest, path, notes));
  }
  const references = (objects: typeof images) =>
    (objects ?? []).flatMap(({ manifest }) =>
      manifest.kind === 'Image' || manifest.kind === 'Kernel' ? [manifest.spec.oci] : [],
    );
  return { vms: declared, images: references(images), kernels: references(kernels), notes };
}

interface Found {
  readonly manifest: Manifest;
  /** The folder of the object. */
  readonly path: string;
}

/** undefined: there is no such folder. One record that cannot be read hides no other (BUG-04). */
async function objectsIn(folder: string, notes: string[]): Promise<readonly Found[] | undefined> {
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return undefined;
  const { parseManifest } = await import('@ignite/api/manifest');
  const found: Found[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    const file = join(path, 'metadata.json');
    try {
      const [manifest] = parseManifest(await readFile(file, 'utf8'), file);
      if (manifest !== undefined) found.push({ manifest, path });
    } catch (error) {
      notes.push(error instanceof IgniteError ? error.message : `${file} cannot be read`);
    }
  }
  return found;
}

async function declaredOf(
  manifest: Extract<Manifest, { kind: 'VM' }>,
  path: string,
  notes: string[],
): Promise<Declared> {
  const { metadata, spec, origin, idPrefix } = manifest;
  const name = metadata.name ?? metadata.uid ?? path;
  const { copyFiles, ssh, ...kept } = spec;
  const { specDocument } = await import('@ignite/api/manifest');
  const key = await keyOf(ssh, path, metadata.uid ?? '', name, notes);
  notes.push(
    `${name}: its disk is made anew from ${spec.image?.oci ?? 'its image'}; what was written to the old one stays in ${path}`,
  );
  if (spec.running === true)
    notes.push(
      `${name}: it was running; \`ignite start ${name}\` starts it here, once the old one is stopped`,
    );
  if (copyFiles !== undefined && copyFiles.length > 0) notes.push(`${name}: copyFiles are not copied again`);
  return {
    metadata,
    spec: { ...specDocument(kept), running: false, ...(key === undefined ? {} : { ssh: key }) },
    legacy: true,
    origin,
    ...(idPrefix === undefined ? {} : { idPrefix }),
  };
}

/** The public key that may enter; the private one stays where it is. */
async function keyOf(
  ssh: boolean | string | undefined,
  path: string,
  uid: string,
  name: string,
  notes: string[],
): Promise<string | true | undefined> {
  if (ssh === undefined || ssh === false) return undefined;
  const file = join(path, `id_${uid}`);
  const text = await readFile(ssh === true ? `${file}.pub` : ssh, 'utf8').catch(() => undefined);
  if (text === undefined) {
    notes.push(`${name}: its public key cannot be read; a new key pair is made`);
    return true;
  }
  if (ssh === true)
    notes.push(`${name}: its key stays at ${file}; \`ignite ssh -i ${file} ${name}\` uses it`);
  return text.trim();
}
