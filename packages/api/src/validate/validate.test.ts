import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillSpec } from '../defaults.ts';
import { isIgniteError } from '../errors/index.ts';
import type { MetadataInput } from '../kinds/fields.ts';
import type { VmSpecInput } from '../kinds/vm-spec.ts';
import { checkVm, validateVm } from './index.ts';

const image = { oci: 'ubuntu:24.04' };
const paths = (spec: VmSpecInput, metadata: MetadataInput = {}) =>
  validateVm({ metadata, spec: { image, ...spec } }).map((violation) => violation.path);

test('a filled spec is valid', () => {
  const spec = fillSpec({ image });
  assert.deepEqual(validateVm({ metadata: { name: 'a' }, ...(spec === undefined ? {} : { spec }) }), []);
});

test('API-R03, API-R07, BUG-27: each rule alone', () => {
  const many = <T>(count: number, make: (index: number) => T) =>
    Array.from({ length: count }, (_, i) => make(i));
  const table: readonly [VmSpecInput, string][] = [
    [{ cpus: 257 }, 'spec.cpus'],
    [{ memory: 1 << 20 }, 'spec.memory'],
    [{ diskSize: 1 }, 'spec.diskSize'],
    [{ diskSize: Number.MAX_SAFE_INTEGER }, 'spec.diskSize'],
    [{ copyFiles: [{ hostPath: '/a', vmPath: 'b' }] }, 'spec.copyFiles[0].vmPath'],
    [{ env: ['A=1', 'B'] }, 'spec.env[1]'],
    [{ env: ['=1'] }, 'spec.env[0]'],
    [{ command: ['a\0b'] }, 'spec.command[0]'],
    [{ workdir: 'x' }, 'spec.workdir'],
    [{ hostname: 'a_b' }, 'spec.hostname'],
    [{ hostname: 'a'.repeat(65) }, 'spec.hostname'],
    [{ stopSignal: 'kill it' }, 'spec.stopSignal'],
    [{ stopSignal: '65' }, 'spec.stopSignal'],
    [{ restartPolicy: { name: 'always', maximumRetryCount: 2 } }, 'spec.restartPolicy.maximumRetryCount'],
    [{ kernel: { cmdLine: 'a\nb' } }, 'spec.kernel.cmdLine'],
    [{ ssh: 'a\nb' }, 'spec.ssh'],
    [{ network: { mode: 'none', ports: [{ vmPort: 1 }] } }, 'spec.network.ports'],
    [{ network: { mode: 'bridge', hostLoopback: true } }, 'spec.network.hostLoopback'],
    [
      {
        network: {
          ports: [
            { vmPort: 1, hostPort: 5 },
            { vmPort: 2, hostPort: 5 },
          ],
        },
      },
      'spec.network.ports[1]',
    ],
    [{ network: { ports: many(1025, () => ({ vmPort: 1 })) } }, 'spec.network.ports'],
    [{ storage: { volumes: [{ name: 'a' }] } }, 'spec.storage.volumes[0].blockDevice'],
    [{ storage: { volumes: [{ name: ' ', blockDevice: { path: '/d' } }] } }, 'spec.storage.volumes[0].name'],
    [
      { storage: { volumes: [{ name: 'a', blockDevice: { path: 'd' } }] } },
      'spec.storage.volumes[0].blockDevice.path',
    ],
    [{ storage: { volumeMounts: [{ name: 'x', mountPath: '/x' }] } }, 'spec.storage.volumeMounts[0].name'],
    [
      { storage: { volumes: [{ name: 'a', blockDevice: { path: '/d' }, volume: { name: 'v' } }] } },
      'spec.storage.volumes[0].volume',
    ],
    [
      { storage: { volumes: [{ name: 'a', volume: { name: '../v' } }] } },
      'spec.storage.volumes[0].volume.name',
    ],
    [
      {
        storage: {
          volumes: [{ name: 'a', hostFolder: { path: 'x' } }],
          volumeMounts: [{ name: 'a', mountPath: '/x' }],
        },
      },
      'spec.storage.volumes[0].hostFolder.path',
    ],
    [
      { storage: { volumes: [{ name: 'a', hostFolder: { path: '/x' } }] } },
      'spec.storage.volumes[0].hostFolder',
    ],
    [
      {
        storage: {
          volumes: [{ name: 'a', volume: { name: 'v' } }],
          volumeMounts: [{ name: 'a', mountPath: '/' }],
        },
      },
      'spec.storage.volumeMounts[0].mountPath',
    ],
    [{ tmpfs: [{ path: '/a/../b' }] }, 'spec.tmpfs[0].path'],
    [{ tmpfs: [{ path: '/a' }, { path: '/a/' }] }, 'spec.tmpfs[1].path'],
    [{ resources: { diskIops: 1 } }, 'spec.resources.diskIops'],
    [{ resources: { diskBandwidth: 1024 } }, 'spec.resources.diskBandwidth'],
    [{ resources: { networkBandwidth: 1024 } }, 'spec.resources.networkBandwidth'],
    [{ resources: { cpuLimit: 0.01 } }, 'spec.resources.cpuLimit'],
    [{ resources: { pids: 3 } }, 'spec.resources.pids'],
    [
      { resources: { networkBandwidth: 1 << 20 }, network: { mode: 'user' } },
      'spec.resources.networkBandwidth',
    ],
    [{ network: { mode: 'user', bandwidth: 1 << 20 } }, 'spec.network.bandwidth'],
    [{ network: { interfaces: [{ bandwidth: 1024 }] } }, 'spec.network.interfaces[0].bandwidth'],
  ];
  for (const [spec, path] of table) assert.deepEqual(paths(spec), [path]);
});

test('API-R04, API-R05: volumes, devices and mounts must not be there twice', () => {
  const volume = { name: 'v', blockDevice: { path: '/d' } };
  const mount = { name: 'v', mountPath: '/m' };
  assert.deepEqual(paths({ storage: { volumes: [volume, volume], volumeMounts: [mount, mount] } }), [
    'spec.storage.volumes[1].name',
    'spec.storage.volumes[1].blockDevice.path',
    'spec.storage.volumeMounts[1].name',
    'spec.storage.volumeMounts[1].mountPath',
  ]);
});

test('API-R01: metadata', () => {
  assert.deepEqual(paths({}, { name: 'A' }), ['metadata.name']);
  assert.deepEqual(paths({}, { uid: '../x' }), ['metadata.uid']);
  assert.deepEqual(paths({}, { uid: 'cb2e5d3c-5e5c-4ad0-a2cc-5d2ab3b1ab31' }), []);
  assert.deepEqual(paths({}, { labels: { ['k'.repeat(64)]: 'v', b: 'v'.repeat(257) } }), [
    `metadata.labels.${'k'.repeat(64)}`,
    'metadata.labels.b',
  ]);
  assert.deepEqual(paths({}, { annotations: { a: 'v'.repeat(20_000) } }), ['metadata.annotations.a']);
});

test('API-R02, API-R06: all violations are reported together in one error', () => {
  assert.throws(
    () => checkVm({ metadata: { name: 'A' }, spec: { cpus: 999, workdir: 'x' } }),
    (error) =>
      isIgniteError(error, 'api/invalid-object') &&
      Array.isArray(error.details['violations']) &&
      error.details['violations'].length === 4 &&
      error.message.startsWith('The VM A is invalid: metadata.name'),
  );
});
