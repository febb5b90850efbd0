import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillSpec, layerSpecs } from './defaults.ts';

const MiB = 1 << 20;

test('API-E06, API-V05, API-V06, API-V07: built-in values are the original’s; a spec without image cannot be filled', () => {
  const spec = fillSpec({ image: { oci: 'ubuntu:latest' } });
  assert.deepEqual(
    { cpus: spec?.cpus, memory: spec?.memory, diskSize: spec?.diskSize },
    { cpus: 1, memory: 512 * MiB, diskSize: 4096 * MiB },
  );
  assert.deepEqual(spec?.network, { mode: 'bridge', ports: [] });
  assert.equal(spec?.running, true);
  assert.equal(spec?.command, undefined);
  assert.equal(fillSpec({}), undefined);
});

test('zero counts as absent, filling twice changes nothing', () => {
  const spec = fillSpec({ image: { oci: 'a:b' }, cpus: 0, memory: 0, ssh: '' });
  assert.equal(spec?.cpus, 1);
  assert.equal(spec?.memory, 512 * MiB);
  assert.ok(spec !== undefined && !('ssh' in spec));
  assert.deepEqual(fillSpec(spec), spec);
});

test('absent and empty words are different things', () => {
  assert.deepEqual(fillSpec({ image: { oci: 'a' }, entrypoint: [], command: [] })?.entrypoint, []);
  assert.equal(fillSpec({ image: { oci: 'a' } })?.entrypoint, undefined);
});

test('API-C04, CFG-01: a nearer layer wins by field in objects and as a whole in lists', () => {
  const layered = layerSpecs(
    {
      cpus: 4,
      memory: 1024 * MiB,
      kernel: { oci: 'k:1', cmdLine: 'quiet' },
      network: { ports: [{ vmPort: 1 }] },
    },
    { image: { oci: 'a:1' }, cpus: 0, kernel: { oci: 'k:2' }, network: { mode: 'bridge' } },
    { memory: 256 * MiB, network: { ports: [{ vmPort: 2, hostPort: 3 }] } },
  );
  assert.deepEqual(layered, {
    image: { oci: 'a:1' },
    cpus: 4,
    memory: 256 * MiB,
    kernel: { oci: 'k:2', cmdLine: 'quiet' },
    network: { mode: 'bridge', ports: [{ vmPort: 2, hostPort: 3 }] },
  });
  assert.deepEqual(fillSpec(layered)?.network.ports, [{ vmPort: 2, hostPort: 3, protocol: 'tcp' }]);
});

test('layers are not changed', () => {
  const base = Object.freeze({ kernel: Object.freeze({ oci: 'k' }) });
  layerSpecs(base, { kernel: { cmdLine: 'x' } });
  assert.deepEqual(base, { kernel: { oci: 'k' } });
});
