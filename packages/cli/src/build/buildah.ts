// buildah(1): builds into the caller's own storage, then writes the image as an OCI archive.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBuilt } from './archive.ts';
import { commonFlags } from './flags.ts';
import type { Builder } from './port.ts';

/** Builds with buildah. */
export const buildWithBuildah: Builder = async (request, { scratch, run }) => {
  const idFile = join(scratch, 'id');
  const archive = join(scratch, 'image.tar');
  await run(['buildah', 'build', '--iidfile', idFile, ...commonFlags(request), request.context]);
  const id = (await readFile(idFile, 'utf8')).trim();
  // Layers stay as they are: packing them would cost more than sending them to a socket of this host.
  await run(['buildah', 'push', '--quiet', '--disable-compression', id, `oci-archive:${archive}`]);
  return await openBuilt(archive);
};
