// Any history of operations gives a sound image that a kernel reads as the writer said it would be, and writes to.
// Needs root, loop devices, e2fsprogs.
import assert from 'node:assert/strict';
import { lstat, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EntryMeta, Ext4Writer } from '@ignite/ext4';
import { canMount, checkImage, makeImage, mounted, run, scratch } from './tools.ts';

const skip = (await canMount()) ? false : 'needs root and loop devices';

const part = fc.constantFrom('a', 'b', 'c', 'd', '..', `long${'-'.repeat(240)}`);
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const attributes = fc
  .constantFrom(0, 10, 60, 900)
  .map((size) => new Map(size === 0 ? [] : [['user.x', Buffer.alloc(size, 'v')]]));
const operation = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    path,
    blocks: fc.nat(40),
    holes: fc.boolean(),
    attributes,
  }),
  fc.record({ kind: fc.constantFrom('directory' as const, 'fifo' as const), path, attributes }),
  fc.record({ kind: fc.constantFrom('symlink' as const, 'hardlink' as const), path, target: path }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'clear' as const, 'layer' as const), path }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function content(blocks: number, holes: boolean): Buffer {
  const bytes = Buffer.alloc(blocks * 4096 + (blocks % 3) * 1000, 0x61 + blocks);
  if (holes) for (let block = 0; block < blocks; block += 2) bytes.fill(0, block * 4096, (block + 1) * 4096);
  return bytes;
}

async function apply(writer: Ext4Writer, step: Operation): Promise<void> {
  const meta: EntryMeta = { mode: 0o755, uid: 1, gid: 2, mtime: { seconds: 3, nanoseconds: 4 } };
  switch (step.kind) {
    case 'file': {
      const bytes = content(step.blocks, step.holes);
      return writer.file(step.path, { ...meta, xattrs: step.attributes }, bytes.length, [bytes]);
    }
    case 'directory':
      return writer.directory(step.path, { ...meta, xattrs: step.attributes });
    case 'fifo':
      return writer.fifo(step.path, { ...meta, xattrs: step.attributes });
    case 'symlink':
      return writer.symlink(step.path, meta, step.target);
    case 'hardlink':
      return writer.hardlink(step.path, step.target);
    case 'clear':
      return writer.clear(step.path);
    case 'layer':
      return writer.beginLayer();
    case 'remove':
      await writer.remove(step.path);
  }
}

/** What the writer says is there: path, type, size, names of the inode. */
function said(writer: Ext4Writer, folder = ''): string[] {
  return (writer.list(folder) ?? []).flatMap((name) => {
    const inner = folder === '' ? name : `${folder}/${name}`;
    const node = writer.stat(inner, { follow: false });
    const line = `${inner} ${node?.type} ${node?.type === 'directory' ? '' : node?.size} ${node?.links}`;
    return node?.type === 'directory' ? [line, ...said(writer, inner)] : [line];
  });
}

async function seen(root: string, folder = ''): Promise<string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(join(root, folder))).sort()) {
    const inner = folder === '' ? name : `${folder}/${name}`;
    const facts = await lstat(join(root, inner));
    const type = facts.isDirectory()
      ? 'directory'
      : facts.isFile()
        ? 'file'
        : facts.isFIFO()
          ? 'fifo'
          : 'symlink';
    lines.push(`${inner} ${type} ${type === 'directory' ? '' : facts.size} ${facts.nlink}`);
    if (type === 'directory') lines.push(...(await seen(root, inner)));
  }
  return lines;
}

test('any history of operations', { skip, timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 120 }), async (steps) => {
      await using folder = await scratch();
      const image = join(folder.path, 'image');
      let tree: string[] = [];
      await makeImage(image, async (writer) => {
        for (const step of steps) {
          // What cannot be done is refused and leaves the tree as it was, or without the replaced entry.
          await apply(writer, step).catch((error: unknown) => assert.match(String(error), /IgniteError/));
        }
        tree = said(writer);
      });
      assert.deepEqual(await checkImage(image), []);
      await using mount = await mounted(image);
      assert.deepEqual(await seen(mount.path), tree);
    }),
    { numRuns: 25 },
  );
});

test('a kernel adds, renames and removes entries in what was written', { skip }, async () => {
  await using folder = await scratch();
  const image = join(folder.path, 'image');
  const meta: EntryMeta = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 0 } };
  const count = 5000;
  await makeImage(image, async (writer) => {
    for (let index = 0; index < count; index++)
      await writer.file(`d/${index}`, meta, 3, [Buffer.from('old')]);
  });
  await run('truncate', '-s', '+64M', image);
  {
    await using mount = await mounted(image, 'loop');
    for (let index = 0; index < count; index += 5) {
      await rm(join(mount.path, 'd', `${index}`));
      await rename(join(mount.path, 'd', `${index + 1}`), join(mount.path, 'd', `renamed-${index}`));
      if (index < 1000) await writeFile(join(mount.path, 'd', `${'new'.repeat(20)}-${index}`), '');
    }
  }
  assert.deepEqual(await checkImage(image), []);
  await using mount = await mounted(image);
  assert.equal((await readdir(join(mount.path, 'd'))).length, count - 1000 + 200);
});
