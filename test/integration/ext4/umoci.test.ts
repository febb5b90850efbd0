// The tree of an image equals what `umoci unpack` makes of the same layers, entry by entry.
// Needs root, loop devices, umoci, tar, e2fsprogs.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TarInput } from '@ignite/archive';
import { writeOciLayout } from './oci-layout.ts';
import {
  applyLayer,
  canMount,
  checkImage,
  fixed,
  listTree,
  makeImage,
  mounted,
  oneChunk,
  run,
  scratch,
  tarOf,
} from './tools.ts';

const skip = (await canMount()) ? false : 'needs root and loop devices';
const mtime = { seconds: 1_600_000_000, nanoseconds: 123_456_789 };

const dir = (name: string, more: Partial<TarInput> = {}): TarInput => ({
  type: 'directory',
  name,
  mtime,
  ...more,
});
const file = (name: string, text: string, more: Partial<TarInput> = {}): TarInput => {
  const bytes = Buffer.from(text);
  return { type: 'file', name, size: bytes.length, content: [bytes], mtime, ...more };
};
const symlink = (name: string, linkName: string): TarInput => ({
  type: 'symlink',
  name,
  linkName,
  mtime,
  mode: 0o777,
});
const hardlink = (name: string, linkName: string): TarInput => ({ type: 'hardlink', name, linkName, mtime });
const whiteout = (name: string): TarInput => file(name, '', { mode: 0o600 });

/**
 * Compares trees. Not compared: times of directories nobody described, and of those umoci touched after it had set
 * their time; both say when the test ran.
 */
async function compare(layers: readonly (readonly TarInput[])[]): Promise<void> {
  const started = Date.now() - 2000;
  await using folder = await scratch();
  const tars: Buffer[] = [];
  for (const layer of layers) tars.push(await tarOf(layer));
  const image = join(folder.path, 'image');
  await makeImage(image, async (writer) => {
    for (const tar of tars) await applyLayer(writer, oneChunk(tar));
  });
  assert.deepEqual(await checkImage(image), []);
  await writeOciLayout(join(folder.path, 'layout'), tars);
  await run('umoci', 'unpack', '--image', join(folder.path, 'layout:latest'), join(folder.path, 'bundle'));
  const wanted = await listTree(join(folder.path, 'bundle', 'rootfs'));
  await using mount = await mounted(image);
  const found = await listTree(mount.path);
  const isNow = (time: string | undefined): boolean => Number(time) * 1000 >= started;
  const lines = (tree: typeof found): string[] =>
    [...tree].map(([name, { facts, mtime: time }]) => {
      const unsaid = found.get(name)?.mtime === `${fixed.epochSeconds}.0` || isNow(wanted.get(name)?.mtime);
      return `${name} ${facts} ${unsaid ? '' : time}`;
    });
  assert.deepEqual(lines(found), lines(wanted));
}

test('every kind of entry, with owners, modes, times and attributes', { skip }, async () => {
  const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
  const acl = Buffer.from(
    '0200000001000600ffffffff02000700e803000004000400ffffffff10000700ffffffff20000400ffffffff',
    'hex',
  );
  await compare([
    [
      dir('./', { mode: 0o755 }),
      dir('bin', { mode: 0o1777, uid: 1000, gid: 70_000 }),
      file('bin/su', 'setuid', { mode: 0o4755, uid: 0, gid: 100_000 }),
      file('bin/ping', 'caps', { mode: 0o755, xattrs: new Map([['security.capability', capability]]) }),
      file('acl', 'acl', { mode: 0o674, xattrs: new Map([['system.posix_acl_access', acl]]) }),
      dir('default-acl', { mode: 0o755, xattrs: new Map([['system.posix_acl_default', acl]]) }),
      file('attributes', 'x', {
        xattrs: new Map([
          ['user.small', Buffer.from('value')],
          ['user.large', Buffer.alloc(2000, 'v')],
          ['trusted.t', Buffer.from([0, 1, 2, 255])],
          ['security.other', Buffer.alloc(300, 's')],
        ]),
      }),
      file('empty', ''),
      file('blocks', 'b'.repeat(3 * 4096)),
      file('odd', 'b'.repeat(4096 * 2 + 77)),
      file('before-1970', 'old', { mtime: { seconds: -12_345, nanoseconds: 5 } }),
      file('after-2038', 'new', { mtime: { seconds: 2 ** 32 + 99, nanoseconds: 999_999_999 } }),
      symlink('short', 'bin/su'),
      symlink('fifty-nine', 'a'.repeat(59)),
      symlink('sixty', 'a'.repeat(60)),
      symlink('long', `${'d/'.repeat(300)}x`),
      hardlink('su-too', 'bin/su'),
      hardlink('short-too', 'short'),
      { type: 'character', name: 'null', mtime, mode: 0o666, deviceMajor: 1, deviceMinor: 3 },
      { type: 'block', name: 'disk', mtime, mode: 0o660, deviceMajor: 259, deviceMinor: 70_000 },
      { type: 'fifo', name: 'fifo', mtime, mode: 0o600 },
      file('n'.repeat(255), 'long name'),
      file('odd bytes \xff\xfe\n\x01', 'odd'),
      file('deep/er/and/deeper/file', 'parents are implied'),
    ],
  ]);
});

test('later layers replace, hide and link across', { skip }, async () => {
  await compare([
    [
      dir('keep'),
      file('keep/lower', 'lower'),
      dir('opaque'),
      file('opaque/gone', 'gone'),
      dir('opaque/sub'),
      file('opaque/sub/gone', 'gone'),
      file('whited', 'w'),
      dir('whited-tree'),
      file('whited-tree/a', 'a'),
      file('becomes-dir', 'f'),
      dir('becomes-file'),
      file('becomes-file/child', 'c'),
      symlink('becomes-real', 'keep'),
      dir('becomes-link'),
      file('becomes-link/child', 'c'),
      file('shared', 'shared content'),
      hardlink('shared-2', 'shared'),
      file('rewritten', 'x'.repeat(100_000)),
    ],
    [
      dir('keep', { mode: 0o700, uid: 5, mtime: { seconds: 7, nanoseconds: 0 } }),
      file('keep/upper', 'upper'),
      file('opaque/stays-before', 'same layer, before the marker'),
      whiteout('opaque/.wh..wh..opq'),
      file('opaque/stays-after', 'same layer, after the marker'),
      whiteout('.wh.whited'),
      whiteout('.wh.whited-tree'),
      whiteout('.wh.never-there'),
      whiteout('no/such/.wh.parent'),
      dir('becomes-dir'),
      file('becomes-dir/child', 'c'),
      file('becomes-file', 'now a file'),
      dir('becomes-real'),
      file('becomes-real/child', 'not through the link'),
      symlink('becomes-link', 'keep'),
      hardlink('shared-3', 'shared'),
      whiteout('.wh.shared-2'),
      file('rewritten', 'y'.repeat(50_000)),
      file('twice', 'first'),
      file('twice', 'second'),
    ],
    [
      file('upper-then-whiteout', 'stays'),
      whiteout('.wh.upper-then-whiteout'),
      dir('keep/new'),
      file('keep/new/a', 'a'),
      whiteout('.wh.keep'),
      file('shared', 'replaced in one name only'),
    ],
  ]);
});

test('names resolve inside the root, also through links', { skip }, async () => {
  await compare([
    [
      dir('usr/lib'),
      dir('data'),
      symlink('lib', 'usr/lib'),
      symlink('absolute', '/usr/lib'),
      symlink('up', '../../../../data'),
      symlink('a', 'b'),
      symlink('b', 'usr'),
      symlink('dangling', '/made/by/entry'),
      file('lib/through', 't'),
      file('absolute/through-absolute', 't'),
      file('up/through-up', 't'),
      file('a/lib/through-two', 't'),
      file('dangling/child', 'parents of a dangling link are made'),
      file('/leading/slash', 'l'),
      file('../../dots/../dotted', 'd'),
      file('./././lib//doubled', 'd'),
      hardlink('linked', 'lib/through'),
      hardlink('absolute/linked-too', '/absolute/../lib/through'),
    ],
    [
      whiteout('lib/.wh.through-absolute'),
      whiteout('up/.wh..wh..opq'),
      file('lib', 'the link itself is replaced'),
    ],
  ]);
});
