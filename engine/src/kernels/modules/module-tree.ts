// Finds and reads all modules of a kernel's `lib/modules/VERSION` folder; packed ones are unpacked into scratch, so
// that any guest can load them whatever its kmod was built with.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readBytesIfThere } from '../../host/index.ts';
import { type Compression, decompress } from '../compression/index.ts';
import { type ModuleInfo, readModuleInfo } from './module-info.ts';

export interface Module extends ModuleInfo {
  /** Path below `lib/modules/VERSION`, unpacked name: `kernel/drivers/block/virtio_blk.ko`. */
  readonly path: string;
  /** Absolute path of the unpacked file on this host. */
  readonly file: string;
  readonly size: number;
}

export interface ModuleTree {
  /** In the order of modules.order, which decides between modules with the same alias, then by path. */
  readonly modules: readonly Module[];
  /** Names of modules that are built in. */
  readonly builtIn: ReadonlySet<string>;
  /** modules.builtin, modules.order, …: plain files of the folder, by name. */
  readonly lists: ReadonlyMap<string, Buffer>;
  /** sha256 over all of it, hex. */
  readonly digest: string;
}

const PACKED: Readonly<Record<string, Compression>> = { '.xz': 'xz', '.gz': 'gzip', '.zst': 'zstd' };
const MAX_MODULE = 256 << 20;
const LISTS = ['modules.builtin', 'modules.builtin.modinfo', 'modules.order'];

/**
 * Reads a folder of modules. Symlinks (`build`, `source`) are not followed.
 * @param folder `…/lib/modules/VERSION`
 * @param scratch folder for unpacked modules
 * @throws IgniteError `kernels/module`, `kernels/corrupt`
 */
export async function readModuleTree(
  folder: string,
  scratch: string,
  signal: AbortSignal,
): Promise<ModuleTree> {
  const hash = createHash('sha256');
  const lists = new Map<string, Buffer>();
  for (const name of LISTS) {
    const content = await readBytesIfThere(join(folder, name));
    if (content === undefined) continue;
    lists.set(name, content);
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  const order = orderOf(lists.get('modules.order'));
  const rank = (path: string) => order.get(path) ?? order.size;
  const modules: Module[] = [];
  for (const path of (await findModules(folder)).toSorted()) {
    signal.throwIfAborted();
    const { bytes, file, unpacked } = await unpack(folder, scratch, path);
    hash.update(`${unpacked}\0${bytes.length}\0`).update(bytes);
    modules.push({ ...readModuleInfo(bytes, path), path: unpacked, file, size: bytes.length });
  }
  modules.sort((a, b) => rank(a.path) - rank(b.path));
  return { modules, builtIn: builtInNames(lists.get('modules.builtin')), lists, digest: hash.digest('hex') };
}

async function unpack(
  folder: string,
  scratch: string,
  path: string,
): Promise<{ readonly bytes: Buffer; readonly file: string; readonly unpacked: string }> {
  const source = join(folder, path);
  const raw = await readFile(source);
  const suffix = /\.(xz|gz|zst)$/.exec(path)?.[0];
  const compression = suffix === undefined ? undefined : PACKED[suffix];
  if (suffix === undefined || compression === undefined) return { bytes: raw, file: source, unpacked: path };
  const unpacked = path.slice(0, -suffix.length);
  const bytes = decompress(raw, compression, MAX_MODULE);
  const file = join(scratch, unpacked);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return { bytes, file, unpacked };
}

/** Paths of all module files, below the folder. */
async function findModules(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.ko(\.(xz|gz|zst))?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** Lines of modules.order are paths, with `.ko` (or `.o` in newer kernels' build tree, never installed). */
function orderOf(list: Buffer | undefined): ReadonlyMap<string, number> {
  const lines = list?.toString('latin1').split('\n') ?? [];
  return new Map(lines.filter((line) => line !== '').map((line, index) => [line, index]));
}

function builtInNames(list: Buffer | undefined): ReadonlySet<string> {
  const lines = list?.toString('latin1').split('\n') ?? [];
  return new Set(lines.filter((line) => line !== '').map(builtInName));
}

/** `kernel/fs/ext4/ext4.ko` → `ext4` */
export function builtInName(line: string): string {
  return line
    .slice(line.lastIndexOf('/') + 1)
    .replace(/\.ko$/, '')
    .replaceAll('-', '_');
}
