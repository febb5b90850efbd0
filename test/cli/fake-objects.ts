// Objects as a daemon serves them, for tests of the CLI.
import type {
  ImageDocument,
  KernelDocument,
  NetworkDocument,
  VmDocument,
  VolumeDocument,
} from '@ignite/client';
import { createdStatus } from '../../packages/api/src/fixtures/vm.ts';

/** An error body of the daemon. */
export function errorBody(code: string, message: string, more: object = {}): object {
  return { code, message, hint: 'Hint of the daemon.', blame: 'user', details: {}, causes: [], ...more };
}

let counter = 0;

/** A VM as the daemon serves it. */
export function fakeVm(
  name: string,
  more: { spec?: object; status?: object; bound?: object } = {},
): VmDocument {
  counter += 1;
  const uid = counter.toString(16).padStart(16, 'a');
  return {
    kind: 'VM',
    apiVersion: 'ignite.vm/v1beta1',
    metadata: { name, uid, created: '2026-11-20T10:00:00Z' },
    spec: {
      image: { oci: 'alpine:latest' },
      kernel: {},
      cpus: 1,
      memory: '512MB',
      diskSize: '4GB',
      running: true,
      restartPolicy: { name: 'no' },
      tty: false,
      stdin: false,
      boot: 'auto',
      stopTimeout: 20,
      autoRemove: false,
      network: { mode: 'bridge', ports: [] },
      ...more.spec,
    },
    bound: {
      slot: 0,
      driver: 'qemu',
      imageDigest: 'sha256:aa',
      imageUid: '1111111111111111',
      kernelDigest: 'sha256:bb',
      kernelUid: '2222222222222222',
      mode: 'app',
      nics: [],
      uuid: 'u',
      machineId: 'm',
      ...more.bound,
    },
    status: { ...createdStatus, ...more.status },
  };
}

/** An image as the daemon serves it. */
export function fakeImage(name: string): ImageDocument {
  counter += 1;
  return {
    kind: 'Image',
    apiVersion: 'ignite.vm/v1beta1',
    metadata: { name, uid: counter.toString(16).padStart(16, 'c'), created: '2026-11-20T10:00:00Z' },
    spec: { oci: name },
    status: {
      ociSource: { id: `oci://docker.io/library/${name}@sha256:aa`, size: '275342KB' },
      digest: 'sha256:aa',
      configDigest: 'sha256:bb',
      architecture: 'amd64',
      config: { entrypoint: [], cmd: [], env: [], user: '', workdir: '', exposedPorts: [], labels: {} },
      hasSshd: false,
      diskSize: '64MB',
    },
  };
}

/** A kernel as the daemon serves it. */
export function fakeKernel(name: string): KernelDocument {
  const { metadata, spec, status } = fakeImage(name);
  const { ociSource, digest, architecture } = status;
  return {
    kind: 'Kernel',
    apiVersion: 'ignite.vm/v1beta1',
    metadata,
    spec,
    status: { version: '6.1.0', ociSource, digest, architecture, modules: true },
  };
}

/** A volume as the daemon serves it. */
export function fakeVolume(
  name: string,
  more: { size?: unknown; labels?: Record<string, string>; usedBy?: VolumeDocument['status']['usedBy'] } = {},
): VolumeDocument {
  counter += 1;
  return {
    kind: 'Volume',
    apiVersion: 'ignite.vm/v1beta1',
    metadata: {
      name,
      uid: counter.toString(16).padStart(16, 'b'),
      created: '2026-11-20T10:00:00Z',
      ...(more.labels === undefined ? {} : { labels: more.labels }),
    },
    spec: { size: typeof more.size === 'string' ? more.size : '10GB' },
    status: { path: `/v/${name}/disk.raw`, allocated: '5MB', usedBy: more.usedBy ?? [] },
  };
}

/** A VM that runs. */
export function runningVm(name: string, more: Parameters<typeof fakeVm>[1] = {}): VmDocument {
  const status = {
    running: true,
    state: 'running',
    agent: 'ready',
    startTime: '2026-11-20T11:00:00Z',
    ...more.status,
  };
  return fakeVm(name, { ...more, status });
}

/** A network as the daemon describes it. */
export function fakeNetwork(name: string): NetworkDocument {
  return {
    kind: 'Network',
    apiVersion: 'ignite.vm/v1beta1',
    metadata: { name, uid: `uid-${name}`, created: '2026-01-01T00:00:00Z' },
    spec: { subnet: '10.80.0.0/24', mtu: 1500 },
    status: { interface: 'ign0n1', gateway: '10.80.0.1', usedBy: [] },
  };
}
