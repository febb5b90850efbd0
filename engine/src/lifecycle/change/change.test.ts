import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillSpec, type VmRecord, type VmSpecInput } from '@ignite/api';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import { intended, wantsToRun } from '../intent.ts';
import { desiredSpec } from './desired-spec.ts';
import { diffSpec } from './diff-spec.ts';
import { updatedRecord } from './update-vm.ts';

const MIB = 1 << 20;

function specOf(input: VmSpecInput) {
  return fillSpec({ image: { oci: 'a:1' }, ...input }) ?? assert.fail();
}

function recordOf(input: VmSpecInput = {}, more: Partial<VmRecord> = {}): VmRecord {
  return vmRecord('a', input, more);
}

test('each field is told with the moment its change takes effect', () => {
  const from = specOf({ cpus: 1, memory: 512 * MIB, kernel: { cmdLine: 'a' }, network: { ports: [] } });
  const to = specOf({
    image: { oci: 'b:1' },
    cpus: 2,
    memory: 1024 * MIB,
    kernel: { cmdLine: 'b' },
    restartPolicy: { name: 'always' },
    network: { ports: [{ hostPort: 80, vmPort: 80 }] },
  });
  assert.deepEqual(
    diffSpec(from, to).map(({ path, from, to, effect }) => [path, from, to, effect]),
    [
      ['spec.image.oci', 'a:1', 'b:1', 'recreate'],
      ['spec.kernel.cmdLine', 'a', 'b', 'start'],
      ['spec.cpus', 1, 2, 'start'],
      ['spec.memory', '512MB', '1GB', 'start'],
      ['spec.restartPolicy', { name: 'no' }, { name: 'always' }, 'live'],
      ['spec.network.ports', [], [{ hostPort: 80, vmPort: 80, protocol: 'tcp' }], 'start'],
    ],
  );
});

test('a list that is empty is one that is absent, but for the words of a command', () => {
  assert.deepEqual(diffSpec(specOf({ env: [] }), specOf({})), []);
  assert.deepEqual(diffSpec(specOf({ storage: {} }), specOf({})), []);
  assert.deepEqual(
    diffSpec(specOf({ command: [] }), specOf({})).map((one) => one.path),
    ['spec.command'],
  );
});

test('BUG-30: the order of ports counts, and a port that was chosen stays', () => {
  const ports = [
    { hostPort: 49160, vmPort: 80, protocol: 'tcp' as const },
    { hostPort: 53, vmPort: 53, protocol: 'udp' as const },
  ];
  const record = recordOf({ network: { ports } });
  const wanted = {
    image: { oci: 'a:1' },
    network: { ports: [{ vmPort: 80 }, { hostPort: 53, vmPort: 53, protocol: 'udp' as const }] },
  };
  assert.deepEqual(diffSpec(record.spec, desiredSpec(wanted, {}, record)), []);
  const turned = { ...wanted, network: { ports: [...wanted.network.ports].reverse() } };
  assert.equal(diffSpec(record.spec, desiredSpec(turned, {}, record)).length, 1);
});

test('what needs a new VM is refused as a whole; what needs a start is noted while the VM runs', () => {
  const record = recordOf();
  const image = { ...record.spec, cpus: 2, image: { oci: 'b:1' } };
  assert.throws(() => updatedRecord(record, { spec: image }, true), { code: 'vm/needs-recreate' });
  const running = updatedRecord(record, { spec: { ...record.spec, cpus: 2 } }, true);
  assert.deepEqual(running.history.pending, ['spec.cpus']);
  assert.equal(running.generation, 2);
  const stopped = updatedRecord(record, { spec: { ...record.spec, cpus: 2 } }, false);
  assert.equal(stopped.history.pending, undefined);
  assert.equal(updatedRecord(record, { spec: { ...record.spec } }, true), record);
});

test('NET-P4: ports of a stopped VM are chosen at its next start', () => {
  const record = recordOf();
  const network = { ...record.spec.network, ports: [{ hostPort: 80, vmPort: 80, protocol: 'tcp' as const }] };
  const next = updatedRecord(record, { spec: { ...record.spec, network } }, false);
  assert.deepEqual(next.history.pending, ['spec.network.ports']);
});

test('labels and manager change at once, and an override goes where it is told to', () => {
  const record = recordOf({}, { override: { running: false, at: '2026-11-20T10:00:00Z' } });
  const next = updatedRecord(record, { labels: { a: 'b' }, manager: 'git:x', override: undefined }, true);
  assert.deepEqual(next.metadata.labels, { a: 'b' });
  assert.equal(next.manager, 'git:x');
  assert.equal(next.override, undefined);
  assert.equal(next.generation, 1);
});

test('that a start passes over held ports holds for its restarts, until one is asked for without', () => {
  const now = new Date('2026-11-20T10:00:00Z');
  const held = (record: VmRecord) => record.history.ignoresHeldPorts;
  const asked = intended(recordOf(), { running: true, by: 'user', ignoreHeldPorts: true }, now);
  const again = intended(asked, { running: true, by: 'policy', restarts: 1 }, now);
  const stopped = intended(again, { running: false, by: 'user' }, now);
  const without = intended(stopped, { running: true, by: 'user', ignoreHeldPorts: false }, now);
  assert.deepEqual([asked, again, stopped, without].map(held), [true, true, true, undefined]);
});

test('a stop by hand of a managed VM is an override, and a start ends it', () => {
  const now = new Date('2026-11-20T10:00:00Z');
  const managed = recordOf({}, { manager: 'folder:/m' });
  const stopped = intended(managed, { running: false, by: 'user' }, now);
  assert.equal(stopped.spec.running, true);
  assert.equal(wantsToRun(stopped), false);
  assert.equal(stopped.generation, 1);
  const started = intended(stopped, { running: true, by: 'user' }, now);
  assert.equal(started.override, undefined);
  assert.equal(intended(started, { running: true, by: 'user' }, now), started);
  const own = intended(recordOf(), { running: false, by: 'user' }, now);
  assert.equal(own.spec.running, false);
  assert.equal(own.generation, 2);
});
