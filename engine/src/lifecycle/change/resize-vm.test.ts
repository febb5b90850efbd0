import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillSpec } from '@ignite/api';
import { diskLimits, groupLimits } from '../caps.ts';
import { resizedSpec } from './resize-vm.ts';

const MIB = 1 << 20;

test('what is not named stays; a cap goes when it is cleared, and with the last one the whole part', () => {
  const spec = fillSpec({ image: { oci: 'a' }, resources: { diskIops: 100, pids: 200 } });
  assert.ok(spec !== undefined);
  const more = resizedSpec(spec, { cpus: 2, resources: { cpuLimit: 1.5 }, clear: ['pids'] });
  assert.deepEqual([more.cpus, more.memory], [2, spec.memory]);
  assert.deepEqual(more.resources, { diskIops: 100, cpuLimit: 1.5 });
  assert.equal(resizedSpec(spec, { clear: ['pids', 'diskIops'] }).resources, undefined);
  assert.deepEqual(resizedSpec(spec, {}), spec);
});

test('of the policy what is not named stays, too', () => {
  const allow = [{ cidr: '10.1.2.3/32' }];
  const spec = fillSpec({ image: { oci: 'a' }, network: { policy: { preset: 'public', allow } } });
  assert.ok(spec !== undefined);
  const policy = (change: Parameters<typeof resizedSpec>[1]) => resizedSpec(spec, change).network.policy;
  assert.deepEqual(policy({ policy: { preset: 'none' } }), { preset: 'none', allow });
  assert.deepEqual(policy({ policy: { allow: [] } }), { preset: 'public', allow: [] });
  assert.equal(resizedSpec(spec, { policy: { allow: [] } }).network.mode, spec.network.mode);
});

test('a VMM may use more than its guest, but not without bound; what nobody caps has no quota', () => {
  const spec = fillSpec({ image: { oci: 'a' }, memory: 512 * MIB, cpus: 4 });
  assert.ok(spec !== undefined);
  assert.deepEqual(groupLimits(spec), { memoryBytes: 800 * MIB, pids: 528 });
  assert.equal(diskLimits(spec), undefined);
  const capped = { ...spec, resources: { diskBandwidth: MIB, cpuLimit: 0.5, pids: 100 } };
  assert.deepEqual(groupLimits(capped), { memoryBytes: 800 * MIB, pids: 100, cpus: 0.5 });
  assert.deepEqual(diskLimits(capped), { bytesPerSecond: MIB });
});
