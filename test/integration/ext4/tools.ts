// What the tests of images share: scratch folders, programs, loop mounts, and tar listings to compare trees by.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  baseName,
  byteStringText,
  normalizeName,
  parentName,
  readTar,
  type TarEntry,
  type TarInput,
  writeTar,
} from '@ignite/archive';
import { createExt4Writer, type Ext4Options, type Ext4Result, type Ext4Writer, fileSink } from '@ignite/ext4';
import { createHash } from 'node:crypto';

const execute = promisify(execFile);
const DEADLINE = 900_000;

/** Output of a program that must succeed. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, args, { timeout: DEADLINE, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** A folder that is gone when the test is over. */
export async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'ignite-ext4-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Loop mounts need root and free loop devices; elsewhere these tests are skipped. */
export async function canMount(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  return run('losetup', '-f').then(
    () => true,
    () => false,
  );
}

/** An image mounted read-only. */
export async function mounted(
  image: string,
  options = 'loop,ro',
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'ignite-mount-'));
  await run('mount', '-t', 'ext4', '-o', options, image, path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await run('umount', path);
      await rm(path, { recursive: true });
      await letGo(image);
    },
  };
}

/**
 * A mount namespace that another test made meanwhile has the mount, too: the file system is whole on its disk only when the
 * last of them is gone, and its loop device with it.
 */
async function letGo(image: string): Promise<void> {
  const until = Date.now() + DEADLINE;
  while ((await run('losetup', '--associated', image)).trim() !== '') {
    if (Date.now() > until) throw new Error(`${image} is still mounted somewhere`);
    await delay(20);
  }
}

export const fixed: Omit<Ext4Options, 'sink'> = {
  label: 'test',
  uuid: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
  hashSeed: Buffer.from('ffeeddccbbaa99887766554433221100', 'hex'),
  epochSeconds: 1_700_000_000,
};

/** Makes an image file of what `fill` puts in. */
export async function makeImage(
  path: string,
  fill: (writer: Ext4Writer) => Promise<void>,
  options: Partial<Ext4Options> = {},
): Promise<Ext4Result> {
  await using file = await open(path, 'w+');
  const writer = createExt4Writer({ sink: fileSink(file), ...fixed, ...options });
  await fill(writer);
  const result = await writer.finish();
  await file.truncate(result.bytes);
  return result;
}

/** Applies one OCI layer as the images room does. */
export async function applyLayer(writer: Ext4Writer, layer: AsyncIterable<Uint8Array>): Promise<void> {
  writer.beginLayer();
  for await (const entry of readTar(layer)) await applyEntry(writer, entry);
}

async function applyEntry(writer: Ext4Writer, entry: TarEntry): Promise<void> {
  const path = normalizeName(entry.name);
  const base = baseName(path);
  if (base === '.wh..wh..opq') return writer.clear(parentName(path));
  if (base.startsWith('.wh.')) {
    await writer.remove(`${parentName(path)}/${base.slice(4)}`);
    return;
  }
  if (entry.type === 'file') return writer.file(path, entry, entry.size, entry.content);
  if (entry.type === 'directory') return writer.directory(path, entry);
  if (entry.type === 'symlink') return writer.symlink(path, entry, entry.linkName);
  if (entry.type === 'hardlink') return writer.hardlink(path, entry.linkName);
  if (entry.type === 'fifo') return writer.fifo(path, entry);
  return writer.device(path, entry, entry.type, entry.deviceMajor, entry.deviceMinor);
}

/** What `e2fsck -fn` says besides its passes; it must be nothing, and it must exit 0. */
export async function checkImage(image: string): Promise<string[]> {
  const output = await run('e2fsck', '-fn', image);
  return output
    .split('\n')
    .filter((line) => line !== '' && !/^Pass [1-5]:/.test(line) && !/ files \(.* blocks$/.test(line));
}

export interface Listed {
  readonly facts: string;
  readonly type: string;
  readonly mtime: string;
}

/** Every entry of a folder with all that can be told apart, as GNU tar sees it. */
export async function listTree(folder: string): Promise<Map<string, Listed>> {
  const args = ['--xattrs', '--xattrs-include=*', '--acls', '--numeric-owner', '--format=pax', '--sort=name'];
  const child = spawn('tar', [...args, '-C', folder, '-cf', '-', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'close'); // its working directory is a mount that shall be taken away
  const listed = new Map<string, Listed>();
  for await (const entry of readTar(child.stdout)) {
    const hash = createHash('sha256');
    for await (const chunk of entry.content) hash.update(chunk);
    const { type, mode, uid, gid, size, linkName, deviceMajor, deviceMinor } = entry;
    const xattrs = [...entry.xattrs].map(([name, value]) => `${name}=${value.toString('hex')}`).sort();
    const facts = [type, mode.toString(8), uid, gid, size, linkName, deviceMajor, deviceMinor, ...xattrs];
    listed.set(byteStringText(normalizeName(entry.name)), {
      type,
      facts: [...facts, type === 'file' ? hash.digest('hex') : ''].join(' '),
      mtime: `${entry.mtime.seconds}.${entry.mtime.nanoseconds}`,
    });
  }
  await gone;
  return listed;
}

/** A tar archive of entries as one buffer. */
export async function tarOf(entries: readonly TarInput[]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of writeTar(entries)) parts.push(part);
  return Buffer.concat(parts);
}

export async function* oneChunk(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
