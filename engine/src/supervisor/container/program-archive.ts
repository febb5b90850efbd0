// An image that holds one static program of ours, as the archive that `docker save` writes and containerd reads
// (image-spec of Docker, v1.2: manifest.json, the configuration, one layer).
import { createHash } from 'node:crypto';
import { hostArchitecture, programTag, tarOf } from '../../host/index.ts';

interface ProgramArchive {
  /** Full, as containerd keeps names: `docker.io/library/ignite-spawn:0123456789ab`; the tag is the program's digest. */
  readonly reference: string;
  readonly bytes: () => Promise<Uint8Array>;
}

/** @param path where the program lies in the image, without the first slash */
export function programArchive(repository: string, path: string, program: Uint8Array): ProgramArchive {
  const reference = `docker.io/library/${repository}:${programTag(program)}`;
  return { reference, bytes: () => archiveOf(reference, path, program) };
}

async function archiveOf(reference: string, path: string, program: Uint8Array): Promise<Uint8Array> {
  const layer = await tarOf([{ name: path, mode: 0o755, content: program }]);
  const config = Buffer.from(
    JSON.stringify({
      architecture: hostArchitecture(),
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    }),
  );
  const manifest = [{ Config: 'config.json', RepoTags: [reference], Layers: ['layer.tar'] }];
  return tarOf([
    { name: 'config.json', mode: 0o644, content: config },
    { name: 'layer.tar', mode: 0o644, content: layer },
    { name: 'manifest.json', mode: 0o644, content: Buffer.from(JSON.stringify(manifest)) },
  ]);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
