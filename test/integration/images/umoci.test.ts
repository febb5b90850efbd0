// The tree of a converted image equals what umoci unpacks, entry by entry.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { buildImage, directory, file, symlink, writeLayout } from '../../images/index.ts';
import { openStore, request } from './fixture.ts';

const execute = promisify(execFile);
const time = (seconds: number) => ({ mtime: { seconds, nanoseconds: 0 } });

const image = () =>
  buildImage({
    layers: [
      {
        entries: [
          directory('etc', { mode: 0o750, uid: 1, gid: 2, ...time(1_000_000) }),
          file('etc/a', 'a'.repeat(5000), { mode: 0o640, uid: 3, gid: 4, ...time(2_000_000) }),
          { type: 'hardlink', name: 'etc/b', linkName: 'etc/a' },
          directory('usr/lib', time(3)),
          symlink('lib', 'usr/lib'),
          file('lib/through-link', 'x', time(4)),
          directory('deep/er/and/er', time(5)),
          file('deep/er/gone', 'x'),
          file('was-file', 'x', time(6)),
          directory('was-directory', time(7)),
          file('was-directory/inside', 'x'),
          directory('many', time(8)),
          ...Array.from({ length: 600 }, (_, n) =>
            file(`many/a-rather-long-file-name-${n}`, `${n}`, time(n)),
          ),
        ],
      },
      {
        entries: [
          file('deep/er/.wh.gone', ''),
          directory('was-file', time(9)),
          file('was-directory', 'now a file', time(10)),
          file('many/.wh.a-rather-long-file-name-7', ''),
          directory('opaque', time(11)),
          { type: 'hardlink', name: 'etc/c', linkName: 'etc/a' },
          file(`long-${'n'.repeat(240)}`, 'long', time(12)),
          file('umlaut-äöü', 'x', { name: Buffer.from('umlaut-äöü').toString('latin1'), ...time(13) }),
        ],
      },
    ],
  });

/** Path → everything comparable. debugfs writes setuid bits and directory times back imperfectly: they are not compared. */
async function treeOf(root: string, below = ''): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const name of (await readdir(join(root, below))).sort()) {
    if (below === '' && name === 'lost+found') continue;
    const path = join(below, name);
    const info = await lstat(join(root, path));
    const facts = [info.mode.toString(8), info.uid, info.gid];
    if (info.isSymbolicLink()) facts.push(await readlink(join(root, path)));
    if (info.isFile())
      facts.push(Math.floor(info.mtimeMs / 1000), (await readFile(join(root, path))).toString('hex'));
    tree[path] = facts.join(' ');
    if (info.isDirectory()) Object.assign(tree, await treeOf(root, path));
  }
  return tree;
}

test('umoci and we see the same image', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'umoci-'));
  try {
    await using store = await openStore();
    await writeLayout(await image(), 'demo', join(folder, 'layout'));
    const [record] = await store.images.load({ kind: 'layout', path: join(folder, 'layout') }, request());
    await mkdir(join(folder, 'ours'));
    await execute('debugfs', ['-R', `rdump / ${join(folder, 'ours')}`, record?.base.path ?? '']);
    await execute('umoci', ['unpack', '--image', `${join(folder, 'layout')}:demo`, join(folder, 'bundle')]);
    const [ours, theirs] = [
      await treeOf(join(folder, 'ours')),
      await treeOf(join(folder, 'bundle', 'rootfs')),
    ];
    assert.ok(Object.keys(ours).length > 600);
    assert.deepEqual(ours, theirs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
