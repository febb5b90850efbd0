// Tables for device-mapper and its status lines, as text. Pure. Lengths are sectors of 512 bytes (dmsetup(8); the kernel's
// admin-guide/device-mapper/{linear,zero,snapshot}).
import type { SnapshotFill } from './port.ts';

const SECTOR = 512;
/** What is copied at the first write of a place; pages of guests are as large. */
const CHUNK_SECTORS = 8;
const CHUNK = CHUNK_SECTORS * SECTOR;
/** One chunk of metadata maps this many chunks of data: 16 bytes each (drivers/md/dm-snap-persistent.c). */
const EXCEPTIONS_IN_CHUNK = CHUNK / 16;

/** The base, read-only, with zeros behind it up to the size of the disk. */
export function originTable(device: string, baseBytes: number, bytes: number): string {
  const [base, all] = [baseBytes / SECTOR, bytes / SECTOR];
  const linear = `0 ${base} linear ${device} 0\n`;
  return all > base ? `${linear}${base} ${all - base} zero\n` : linear;
}

/** `P`: what differs is kept over boots. */
export function snapshotTable(origin: string, store: string, bytes: number): string {
  return `0 ${bytes / SECTOR} snapshot ${origin} ${store} P ${CHUNK_SECTORS}\n`;
}

/** Size of a store that holds every chunk of a disk once and the list of them: the guest alone cannot fill it. */
export function storeBytes(bytes: number): number {
  const chunks = Math.ceil(bytes / CHUNK);
  return (chunks + Math.ceil(chunks / EXCEPTIONS_IN_CHUNK) + 2) * CHUNK;
}

/** Reads `dmsetup status --target snapshot`: `NAME: 0 LENGTH snapshot USED/TOTAL LIST`, or a word instead of the numbers. */
export function parseFills(text: string, prefix: string): ReadonlyMap<string, SnapshotFill> {
  const fills = new Map<string, SnapshotFill>();
  for (const line of text.split('\n')) {
    const [, name = '', said = ''] = /^(\S+): \d+ \d+ snapshot (\S+)/.exec(line) ?? [];
    if (!name.startsWith(prefix)) continue;
    const [, used, total] = /^(\d+)\/(\d+)$/.exec(said) ?? [];
    if (used === undefined) fills.set(name, { used: 0, total: 0, broken: true });
    else fills.set(name, { used: Number(used) * SECTOR, total: Number(total) * SECTOR, broken: false });
  }
  return fills;
}

/** Names of `dmsetup ls`, each before a tab. */
export function parseNames(text: string): ReadonlySet<string> {
  return new Set(text.split('\n').flatMap((line) => /^(\S+)\t/.exec(line)?.[1] ?? []));
}

/** Devices of `losetup --list --noheadings --raw --output NAME,AUTOCLEAR` that do not go by themselves. */
export function parseHeldLoops(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^(\/dev\/loop\d+) +0$/.exec(line)?.[1] ?? []);
}
