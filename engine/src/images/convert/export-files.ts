// Writes some of an image's files to a folder. Runs in the worker.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { IgniteError } from '@ignite/api';
import { createExt4Writer, type Ext4Writer } from '@ignite/ext4';
import type { ExportJob } from '../../worker/messages.ts';
import { mergeLayers } from './convert.ts';
import { descriptorSink } from '../../worker/descriptor-sink.ts';

/** Kernels and their modules are far below this; anything above is no such file. */
const FILE_LIMIT = 1 << 30;

/**
 * Writes regular files and symlinks below each prefix (found through the image's own links, `lib` → `usr/lib`) to
 * `folder/<prefix>/…`. Prefixes the image lacks are passed over. Only directories made here are ever entered.
 */
export async function exportFiles(
  job: ExportJob,
  inputs: readonly AsyncIterable<Uint8Array>[],
  scratch: number,
): Promise<void> {
  const tree = createExt4Writer({
    sink: descriptorSink(scratch),
    label: '',
    uuid: Buffer.alloc(16),
    hashSeed: Buffer.alloc(16),
    epochSeconds: 0,
    maximumEntries: job.limits.maxEntries,
    maximumBytes: job.limits.maxUnpackedBytes * 2,
  });
  await mergeLayers(job, inputs, tree);
  for (const prefix of job.prefixes) await exportPrefix(tree, prefix, job.folder);
}

async function exportPrefix(tree: Ext4Writer, prefix: string, folder: string): Promise<void> {
  const names = prefix.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  const found = tree.stat(names.join('/'), { follow: true });
  if (found === undefined) return;
  const parents = [folder, ...names.slice(0, -1)].join('/');
  await mkdir(parents, { recursive: true, mode: 0o755 });
  await exportNode(tree, found.path, bytes([folder, ...names].join('/')));
}

async function exportNode(tree: Ext4Writer, path: string, target: Buffer): Promise<void> {
  const info = tree.stat(path, { follow: false });
  if (info?.type === 'symlink') return symlink(Buffer.from(info.target, 'latin1'), target);
  if (info?.type === 'file') return exportFile(tree, path, target);
  if (info?.type !== 'directory') return; // devices, pipes: no kernel has them
  await mkdir(target, { mode: 0o755 });
  for (const name of tree.list(path) ?? [])
    await exportNode(
      tree,
      path === '' ? name : `${path}/${name}`,
      Buffer.concat([target, bytes(`/${name}`)]),
    );
}

async function exportFile(tree: Ext4Writer, path: string, target: Buffer): Promise<void> {
  const content = await tree.readFile(path, FILE_LIMIT);
  if (content === undefined)
    throw new IgniteError('images/too-large', `The file /${path} has more than ${FILE_LIMIT} bytes`);
  await writeFile(target, content, { flag: 'wx', mode: 0o644 });
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
