import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fillSpec } from '../defaults.ts';
import { runningVm } from '../fixtures/vm.ts';
import { parseVmManifest } from '../manifest/index.ts';
import { LEGACY_VERSIONS, toVersion } from './index.ts';

const MiB = 1 << 20;

test('API-E05: the v1alpha4 form has the original’s keys in its order', () => {
  const document = toVersion(
    runningVm({
      image: { oci: 'u:1' },
      command: ['x'],
      network: { ports: [{ hostPort: 80, vmPort: 80 }, { vmPort: 81 }] },
    }),
    'v1alpha4',
  );
  assert.deepEqual(JSON.parse(JSON.stringify(document)), {
    kind: 'VM',
    apiVersion: 'ignite.weave.works/v1alpha4',
    metadata: { name: 'a', uid: '0123456789abcdef', created: '2026-11-20T10:00:00Z' },
    spec: {
      image: { oci: 'u:1' },
      kernel: {},
      cpus: 1,
      memory: '512MB',
      diskSize: '4GB',
      network: { ports: [{ hostPort: 80, vmPort: 80, protocol: 'tcp' }] },
      storage: {},
    },
    status: {
      running: true,
      runtime: { id: 'ignite-0123456789abcdef', name: 'process' },
      startTime: '2026-11-20T10:00:01Z',
      network: { plugin: 'bridge', ipAddresses: ['10.62.0.2'] },
      image: { id: 'oci://x@sha256:00', size: '275342KB' },
      idPrefix: 'ignite',
    },
  });
  assert.deepEqual(Object.keys(document), ['kind', 'apiVersion', 'metadata', 'spec', 'status']);
});

test('API-X02: v1alpha2 has its addresses at the root', () => {
  const { status } = toVersion(runningVm({ image: { oci: 'u:1' } }), 'v1alpha2');
  assert.deepEqual(Object.keys(status as object), [
    'running',
    'runtime',
    'startTime',
    'ipAddresses',
    'image',
  ]);
});

test('API-E03, API-X03: what is printed in any of the original’s versions reads back with the same spec', () => {
  const port = fc.record({
    hostPort: fc.integer({ min: 1, max: 65535 }),
    vmPort: fc.integer({ min: 1, max: 65535 }),
  });
  const input = fc.record(
    {
      cpus: fc.integer({ min: 1, max: 32 }),
      memory: fc.integer({ min: 64 * MiB, max: 8192 * MiB }),
      diskSize: fc.integer({ min: 64 * MiB, max: 2 ** 40 }),
      ssh: fc.constantFrom<string | boolean>(true, '/root/key.pub'),
      kernel: fc.constant({ oci: 'k:1', cmdLine: 'quiet' }),
      network: fc.record({ ports: fc.uniqueArray(port, { selector: (one) => one.hostPort, maxLength: 4 }) }),
      copyFiles: fc.constant<{ hostPath: string; vmPath: string }[]>([{ hostPath: '/a', vmPath: '/b' }]),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(input, fc.constantFrom(...LEGACY_VERSIONS), (spec, version) => {
      const vm = runningVm({ image: { oci: 'ubuntu:24.04' }, ...spec });
      const read = parseVmManifest(JSON.stringify(toVersion(vm, version)), 'x.json');
      assert.deepEqual(fillSpec(read.spec)?.network, vm.spec.network);
      const { storage: _, ...again } = fillSpec(read.spec) ?? assert.fail();
      assert.deepEqual(again, vm.spec);
    }),
    { numRuns: 60 },
  );
});
