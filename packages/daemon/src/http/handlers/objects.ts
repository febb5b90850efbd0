// The served forms of images and kernels.
import type { Image, Kernel } from '@ignite/api';
import { API_VERSION } from '@ignite/api/limits';
import type { ImageRecord, KernelRecord } from '@ignite/engine';

/** @param record what the images room keeps */
export function imageObject(record: ImageRecord): Image {
  return {
    kind: 'Image',
    apiVersion: API_VERSION,
    metadata: { name: record.reference, uid: record.uid, created: record.created },
    spec: { oci: record.reference },
    status: {
      ociSource: { id: record.manifestDigest, size: record.size },
      digest: record.manifestDigest,
      configDigest: record.configDigest,
      architecture: record.architecture,
      config: {
        ...record.config,
        entrypoint: [...record.config.entrypoint],
        cmd: [...record.config.cmd],
        env: [...record.config.env],
        exposedPorts: [...record.config.exposedPorts],
      },
      ...(record.init === undefined ? {} : { init: record.init }),
      hasSshd: record.hasSshd,
      diskSize: record.base.bytes,
    },
  };
}

/** @param record what the kernels room keeps */
export function kernelObject(record: KernelRecord): Kernel {
  return {
    kind: 'Kernel',
    apiVersion: API_VERSION,
    metadata: { name: record.reference, uid: record.uid, created: record.created },
    spec: { oci: record.reference },
    status: {
      version: record.version,
      ociSource: { id: record.digest, size: record.size },
      digest: record.digest,
      architecture: record.architecture,
      modules: record.modulesDrive !== undefined,
    },
  };
}
