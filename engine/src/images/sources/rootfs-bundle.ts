// A root file system in a tar becomes an image of one layer, as `docker import` makes it (image-spec manifest.md and
// config.md). The same tar and settings give the same image: no time is written into it.
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../media-types.ts';
import type { RunSettings } from '../port.ts';
import { parseManifest } from '../schema.ts';
import { putBlob } from '../store/index.ts';
import type { AdoptOptions } from './adopt-bundle.ts';
import { adoptFile } from './adopt.ts';
import type { Bundle } from './bundle.ts';
import type { BundledImage } from './oci-bundle.ts';
import { PLAIN_FILE } from './plain-archive.ts';

/** Copies the layer into the store and makes the documents that belong to it. */
export async function adoptRootfs(
  bundle: Bundle,
  settings: RunSettings,
  { architecture, paths, signal }: AdoptOptions,
): Promise<BundledImage> {
  const layer = await adoptFile(paths, bundle, PLAIN_FILE, signal);
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: configOf(settings),
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
      history: [{ created_by: 'ignite import' }],
    }),
  );
  const document = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, digest: await putBlob(paths, config), size: config.length },
    layers: [{ mediaType: OCI_LAYER, digest: layer.digest, size: layer.size }],
  };
  const bytes = Buffer.from(JSON.stringify(document));
  return { names: [], mediaType: OCI_MANIFEST, bytes, manifest: parseManifest(bytes, 'The manifest') };
}

function configOf(settings: RunSettings): object {
  const { cmd, entrypoint, env, exposedPorts, labels, stopSignal, user, workdir } = settings;
  return {
    ...(user === undefined ? {} : { User: user }),
    ...(exposedPorts === undefined
      ? {}
      : { ExposedPorts: Object.fromEntries(exposedPorts.map((port) => [port, {}])) }),
    ...(env === undefined ? {} : { Env: env }),
    ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint }),
    ...(cmd === undefined ? {} : { Cmd: cmd }),
    ...(workdir === undefined ? {} : { WorkingDir: workdir }),
    ...(labels === undefined ? {} : { Labels: labels }),
    ...(stopSignal === undefined ? {} : { StopSignal: stopSignal }),
  };
}
