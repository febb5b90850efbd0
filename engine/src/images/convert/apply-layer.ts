// One layer's entries onto the image (image-spec layer.md): additions, whiteouts, opaque directories.
import { type ErrorCode, IgniteError, isIgniteError } from '@ignite/api';
import { type ByteString, byteStringText, normalizeName, readTar, type TarEntry } from '@ignite/archive';
import type { EntryMeta, Ext4Writer } from '@ignite/ext4';
import type { JobLayer, JobLimits } from '../../worker/messages.ts';
import type { Budget } from './layer-bytes.ts';

const WHITEOUT = '.wh.';
/** AUFS's own names, which are no whiteouts of files (layer.md, "Whiteouts"); only the opaque mark has a meaning. */
const RESERVED = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';

const BEYOND_LIMITS: ReadonlySet<ErrorCode> = new Set([
  'archive/limit',
  'ext4/too-large',
  'ext4/too-many-entries',
]);

/**
 * Applies a layer.
 * @throws IgniteError `images/bad-layer`, naming layer and entry; `images/too-large`
 */
export async function applyLayer(
  writer: Ext4Writer,
  layer: JobLayer,
  content: AsyncIterable<Uint8Array>,
  limits: JobLimits,
  budget: Budget,
): Promise<void> {
  writer.beginLayer();
  try {
    for await (const entry of readTar(content, { maximumFileBytes: limits.maxUnpackedBytes })) {
      spend(budget, entry, limits);
      await applyEntry(writer, entry, limits).catch((cause: unknown) => {
        throw asBadLayer(cause, `entry ${shownName(entry.name)} of layer ${layer.digest}`);
      });
    }
  } catch (cause) {
    throw asBadLayer(cause, `layer ${layer.digest}`);
  }
}

function spend(budget: Budget, entry: TarEntry, limits: JobLimits): void {
  budget.entries += 1;
  budget.contentBytes += entry.size;
  if (budget.entries > limits.maxEntries)
    throw new IgniteError('images/too-large', `The image has more than ${limits.maxEntries} entries`);
  if (budget.contentBytes > limits.maxUnpackedBytes)
    throw new IgniteError(
      'images/too-large',
      `The files of the image have more than ${limits.maxUnpackedBytes} bytes, holes included`,
    );
}

async function applyEntry(writer: Ext4Writer, entry: TarEntry, limits: JobLimits): Promise<void> {
  const path = normalizeName(entry.name);
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  if (!name.startsWith(WHITEOUT)) return addEntry(writer, path, entry, limits);
  const folder = path.slice(0, Math.max(slash, 0));
  if (name === OPAQUE) return writer.clear(folder);
  if (name.startsWith(RESERVED)) return;
  const gone = name.slice(WHITEOUT.length);
  if (gone === '' || gone === '.' || gone === '..') throw new Error('A whiteout names no file');
  await writer.remove(folder === '' ? gone : `${folder}/${gone}`);
}

async function addEntry(
  writer: Ext4Writer,
  path: ByteString,
  entry: TarEntry,
  limits: JobLimits,
): Promise<void> {
  const meta = metaOf(entry);
  switch (entry.type) {
    case 'directory':
      return writer.directory(path, meta);
    case 'file':
      return writer.file(path, meta, entry.size, entry.content);
    case 'symlink':
      return writer.symlink(path, meta, entry.linkName);
    case 'hardlink':
      return writer.hardlink(path, normalizeName(entry.linkName));
    case 'fifo':
      return writer.fifo(path, meta);
    case 'character':
    case 'block':
      requireDevice(entry, limits);
      return writer.device(path, meta, entry.type, entry.deviceMajor, entry.deviceMinor);
  }
}

/** Devices every container has: null, zero, full, random, urandom; tty, console, ptmx (admin-guide/devices.txt). */
const USUAL_DEVICES: ReadonlySet<string> = new Set([
  ...['1:3', '1:5', '1:7', '1:8', '1:9'],
  ...['5:0', '5:1', '5:2'],
]);

function requireDevice(entry: TarEntry, { devices }: JobLimits): void {
  const number = `${entry.deviceMajor}:${entry.deviceMinor}`;
  if (devices === 'allow' || (entry.type === 'character' && USUAL_DEVICES.has(number))) return;
  throw new Error(`The ${entry.type} device ${number} is forbidden by the Configuration`);
}

function metaOf(entry: TarEntry): EntryMeta {
  return {
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    mtime: entry.mtime,
    ...(entry.atime === undefined ? {} : { atime: entry.atime }),
    ...(entry.xattrs.size === 0 ? {} : { xattrs: entry.xattrs }),
  };
}

// Faults of the host (a full disk) and of the stream below keep their own names.
function asBadLayer(cause: unknown, where: string): unknown {
  const known = isIgniteError(cause) && /^(?:images|host)\//.test(cause.code);
  const ofHost = cause instanceof Error && 'syscall' in cause;
  if (known || ofHost) return cause;
  const beyond = isIgniteError(cause) && BEYOND_LIMITS.has(cause.code);
  return new IgniteError(beyond ? 'images/too-large' : 'images/bad-layer', `Cannot apply ${where}`, {
    cause,
  });
}

function shownName(name: ByteString): string {
  return JSON.stringify(byteStringText(name).slice(0, 300));
}
