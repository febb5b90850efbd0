import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { vmRecord } from '../../../test/fixtures/vm-record.ts';
import { bindDrives, vmDrives } from './drives.ts';
import { holdDrives, keyed, withDeviceNumbers } from './held-drives.ts';
import { type LiveVm, liveVm } from './live-vm.ts';

const NUMBERS = new Map([
  ['/dev/loop0', 1792],
  ['/dev/disk/by-id/x', 1792],
]);

/** A VM that mounts what the words say: a volume's name, or a device's path, and perhaps `:ro`. */
function vmWith(name: string, ...words: readonly string[]): LiveVm {
  const volumes = words.map((word, index) => {
    const source = word.replace(/:ro$/, '');
    const what = source.startsWith('/') ? { blockDevice: { path: source } } : { volume: { name: source } };
    return { name: `v${index}`, ...what };
  });
  const volumeMounts = words.map((word, index) => ({
    name: `v${index}`,
    mountPath: `/m${index}`,
    ...(word.endsWith(':ro') ? { readOnly: true } : {}),
  }));
  const record = vmRecord(name, { storage: { volumes, volumeMounts } });
  const names = words.map((word) => word.replace(/:ro$/, ''));
  const drives = bindDrives(record.spec, new Map(names.map((name) => [name, `uid-${name}`])));
  return liveVm({ ...record, bound: { ...record.bound, drives: [...drives] } }, 'b');
}

function hold(vm: LiveVm, all: readonly LiveVm[]): void {
  holdDrives(
    vm,
    vmDrives(vm.record).map((drive) => keyed(drive, NUMBERS)),
    all,
    NUMBERS,
  );
}

test('drives have the place of their volume in the spec, whatever they are', () => {
  const drives = vmDrives(vmWith('a', 'data', '/dev/loop0', 'logs:ro').record);
  assert.deepEqual(
    drives.map(({ index, mountPath, readOnly, source }) => [index, mountPath, readOnly, source.kind]),
    [
      [2, '/m0', false, 'volume'],
      [3, '/m1', false, 'device'],
      [4, '/m2', true, 'volume'],
    ],
  );
});

test('HAZ-02, VOL-04: one writer or many readers, each with its holder named', () => {
  const table: readonly [string, string, boolean][] = [
    ['data', 'data', false],
    ['data', 'data:ro', false],
    ['data:ro', 'data', false],
    ['data:ro', 'data:ro', true],
    ['data', 'other', true],
    ['/dev/loop0', '/dev/loop0', false],
    ['/dev/loop0', '/dev/disk/by-id/x', false],
    ['/dev/loop0:ro', '/dev/disk/by-id/x:ro', true],
    ['/dev/loop0', '/dev/loop1', true],
  ];
  for (const [first, second, goes] of table) {
    const [one, two] = [vmWith('one', first), vmWith('two', 'free', second)];
    const both = [one, two];
    hold(one, both);
    if (goes) assert.doesNotThrow(() => hold(two, both), `${first} and ${second}`);
    else
      assert.throws(
        () => hold(two, both),
        (error) => isIgniteError(error, 'volumes/attached') && error.message.includes('VM one'),
        `${first} and ${second}`,
      );
    assert.equal(two.holdsDrives, goes, 'all drives or none');
    one.holdsDrives = false;
    assert.doesNotThrow(() => hold(two, both));
  }
});

test('two VMs that take one device by two names at one moment: the second is told who has it', async () => {
  const all = [vmWith('first', '/dev/loop0'), vmWith('second', '/dev/disk/by-id/x')];
  const take = async (vm: LiveVm) => {
    const paths = () =>
      all
        .filter((one) => one === vm || one.holdsDrives)
        .flatMap((one) => vmDrives(one.record))
        .flatMap(({ source }) => (source.kind === 'device' ? [source.path] : []));
    await withDeviceNumbers(
      paths,
      async (path) => NUMBERS.get(path),
      (numbers) =>
        holdDrives(
          vm,
          vmDrives(vm.record).map((drive) => keyed(drive, numbers)),
          all,
          numbers,
        ),
    );
  };

  const taken = await Promise.allSettled(all.map(take));

  assert.deepEqual(
    taken.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
});
