// Images and kernels under the names and printed forms of the original's Go objects (INS-04), for `inspect -t`.
import type { ImageDocument, KernelDocument } from '@ignite/client';
import { type GoValue, struct } from '../template/index.ts';
import { asGoValue, sizeValue } from './go-values.ts';

/** The object for templates; JSON paths (`.status.ociSource…`) work as well as the Go names. */
export function goImage(image: ImageDocument | KernelDocument): GoValue {
  const { metadata, spec, status } = image;
  const objectMeta = {
    Name: metadata.name,
    UID: metadata.uid,
    Created: metadata.created,
    Labels: asGoValue(metadata.labels ?? {}),
    Annotations: asGoValue(metadata.annotations ?? {}),
  };
  const source = struct({ ID: withoutScheme(status.ociSource.id), Size: sizeValue(status.ociSource.size) });
  const version = 'version' in status ? { Version: status.version } : {};
  return struct(
    {
      Kind: image.kind,
      APIVersion: image.apiVersion,
      ObjectMeta: struct(objectMeta),
      Spec: struct({ OCI: spec.oci }, asGoValue(spec)),
      Status: struct({ ...version, OCISource: source }, asGoValue(status)),
      ...objectMeta,
    },
    asGoValue(image),
  );
}

/** An id as templates print it: without `oci://` or `docker://` (API-T03). */
export function withoutScheme(id: string): string {
  return id.replace(/^(oci|docker):\/\//, '');
}
