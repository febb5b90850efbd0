// Names on the host of what a jail shows, by the lines of mountinfo of hosts that lay out their file systems differently.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOutside } from '../../contract/outside-jail.ts';

const line = (device: string, root: string, target: string) =>
  `36 35 ${device} ${root} ${target} rw,noatime master:1 - type source rw`;
const text = (...lines: readonly string[]) => `${lines.join('\n')}\n`;

for (const [what, host, jailed, names] of [
  ['one file system', [line('8:1', '/', '/')], line('8:1', '/tmp/x/disk', '/disks/0'), ['/tmp/x/disk']],
  [
    'a tmpfs of its own',
    [line('8:1', '/', '/'), line('0:33', '/', '/tmp')],
    line('0:33', '/x/disk', '/disks/0'),
    ['/tmp/x/disk'],
  ],
  [
    'subvolumes of btrfs',
    [line('0:20', '/@', '/'), line('0:20', '/@home', '/home')],
    line('0:20', '/@/tmp/x/disk', '/disks/0'),
    ['/tmp/x/disk'],
  ],
  [
    'a folder mounted twice',
    [line('8:2', '/', '/payload'), line('8:2', '/state', '/var/lib/ignite')],
    line('8:2', '/state/vms/a/disk', '/disks/0'),
    ['/var/lib/ignite/vms/a/disk', '/payload/state/vms/a/disk'],
  ],
  ['a file system that the host does not show', [line('8:1', '/', '/')], line('8:9', '/d', '/disks/0'), []],
] as const)
  test(what, () => {
    const inside = text(line('0:40', '/', '/'), jailed);
    assert.deepEqual(namesOutside(inside, text(...host), '/disks/0'), names);
    assert.deepEqual(namesOutside(inside, text(...host), '/kernel'), []);
  });
