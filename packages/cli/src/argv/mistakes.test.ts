// What absent-minded users type, and what each is told: the thing that is wrong, and what to type instead.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandTree } from '../commands/index.ts';
import { readArgv } from './index.ts';

/** A `·` is a blank inside of a word, `∅` an empty word. */
const words = (line: string) =>
  line.split(' ').map((word) => (word === '∅' ? '' : word.replaceAll('·', ' ')));

const rows: readonly (readonly [line: string, message: RegExp])[] = [
  // numbers and sizes
  ['run --cpus 0 IMG', /--cpus takes a whole number from 1 to 256, not "0"/],
  ['run --cpus 10000 IMG', /--cpus takes a whole number from 1 to 256, not "10000"/],
  ['run --cpus 1.5 IMG', /--cpus takes a whole number from 1 to 256, not "1\.5"/],
  ['run --cpus -1 IMG', /--cpus takes a whole number .*, not "-1"/],
  ['update web --cpus 0', /--cpus takes a whole number from 1 to 256, not "0"/],
  ['run --memory 12 IMG', /--memory takes a size from 64MB to 16TB .*, not "12"; without a unit it is bytes/],
  ['run -m 512 IMG', /-m takes a size .*, not "512"; without a unit it is bytes/],
  ['run --memory 0 IMG', /--memory takes a size from 64MB to 16TB such as 512MB or 4GB, not "0"$/],
  ['run --memory 1PB IMG', /--memory takes a size from 64MB to 16TB .*, not "1PB"$/],
  ['run --memory= IMG', /--memory takes a size .*, not ""/],
  ['run --memory 1.5GB IMG', /--memory takes a size .*, not "1\.5GB"/],
  ['update web --memory 12', /--memory takes a size .*, not "12"; without a unit it is bytes/],
  ['run --size 1 IMG', /--size takes a size from 1MB to 16TB .*, not "1"; without a unit it is bytes/],
  ['run -s 1PB IMG', /-s takes a size from 1MB to 16TB .*, not "1PB"/],
  ['run --size big IMG', /--size takes a size .*, not "big"/],
  // closed sets of values
  ['run --vmm vmware IMG', /--vmm takes one of firecracker, cloud-hypervisor, qemu, not "vmware"/],
  ['run --runtime runc IMG', /--runtime takes one of process, containerd, docker, not "runc"/],
  ['run --network-plugin calico IMG', /--network-plugin takes one of bridge, .*, not "calico"/],
  ['run --pull sometimes IMG', /--pull takes one of missing, always, never, not "sometimes"/],
  ['run --policy open IMG', /--policy takes one of lan, public, isolated, none, not "open"/],
];

for (const [line, message] of rows)
  test(`ignite ${line}`, () => {
    const read = readArgv(commandTree, words(line));
    if (!('error' in read)) throw new Error(`was taken as ${read.command.path.join(' ')}`);
    assert.match(read.error instanceof Error ? read.error.message : '', message);
  });
