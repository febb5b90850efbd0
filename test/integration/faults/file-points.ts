// Every change of a file below a folder as a point at which a test can strike: the program's own calls of node:fs/promises
// are led through it, so that what writes without a journal (images, kernels, volumes, records) can be walked, too.
import fsp, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { hasErrno } from '../../../engine/src/host/index.ts';

/** Called before each change. What it throws, the change throws; while it does not settle, the change does not happen. */
export type Strike = (point: FilePoint) => Promise<void>;

export interface FilePoint {
  /** `rename kernels/.new-…`: the call, and the path below the folder. */
  readonly name: string;
  /** Whether it takes room on the disk: what only removes or renames works on a full one, too. */
  readonly grows: boolean;
}

export interface FilePoints extends Disposable {
  strike: Strike | undefined;
  /** Closes all files that are open, as the end of the daemon does. */
  closeAll(): Promise<void>;
}

/** The calls that change something, and whether they take room. The path is the first argument, or the second of those with two. */
const CHANGES = {
  mkdir: true,
  mkdtemp: true,
  writeFile: true,
  appendFile: true,
  symlink: true,
  copyFile: true,
  truncate: false,
  rename: false,
  unlink: false,
  rm: false,
  rmdir: false,
  chmod: false,
  chown: false,
} as const;

const HANDLE_CHANGES = {
  write: true,
  writeFile: true,
  writev: true,
  appendFile: true,
  truncate: false,
} as const;

/** Leads all changes below the folder through `strike`, in this process, until it is disposed. */
export function filePointsBelow(folder: string): FilePoints {
  const open = new Set<FileHandle>();
  const points: FilePoints = {
    strike: undefined,
    closeAll: async () => {
      await Promise.allSettled([...open].map((handle) => handle.close()));
      open.clear();
    },
    [Symbol.dispose]: () => restore(),
  };
  const at = async (call: string, grows: boolean, paths: readonly unknown[]) => {
    const path = paths.find((one) => typeof one === 'string' && one.startsWith(`${folder}/`));
    if (typeof path === 'string')
      await points.strike?.({ name: `${call} ${path.slice(folder.length + 1)}`, grows });
  };
  const originals = new Map<string, unknown>();
  const replace = (call: string, around: (original: Call) => Call) => {
    const original: unknown = Reflect.get(fsp, call);
    if (typeof original !== 'function') throw new Error(`node:fs/promises has no ${call}`);
    originals.set(call, original);
    Reflect.set(
      fsp,
      call,
      around((...args) => Reflect.apply(original, fsp, args)),
    );
  };
  for (const [call, grows] of Object.entries(CHANGES))
    replace(call, (original) => async (...args) => {
      await at(call, grows, args.slice(0, 2));
      return original(...args);
    });
  replace('open', (original) => async (...args) => {
    const [path, flags = 'r'] = args;
    const changes = flags !== 'r';
    if (changes && !(await isThere(path))) await at('make', true, [path]);
    const handle = (await original(...args)) as FileHandle; // what it is by the types of Node
    open.add(handle);
    return changes ? watched(handle, String(path), at) : handle;
  });
  syncBuiltinESMExports();
  const restore = () => {
    for (const [call, original] of originals) Reflect.set(fsp, call, original);
    syncBuiltinESMExports();
  };
  return points;
}

type Call = (...args: unknown[]) => Promise<unknown>;

function watched(
  handle: FileHandle,
  path: string,
  at: (call: string, grows: boolean, paths: readonly unknown[]) => Promise<void>,
): FileHandle {
  for (const [call, grows] of Object.entries(HANDLE_CHANGES)) {
    const original: unknown = Reflect.get(handle, call);
    if (typeof original !== 'function') throw new Error(`a file handle has no ${call}`);
    Reflect.set(handle, call, async (...args: unknown[]) => {
      await at(call, grows, [path]);
      return Reflect.apply(original, handle, args);
    });
  }
  return handle;
}

async function isThere(path: unknown): Promise<boolean> {
  try {
    await fsp.access(String(path));
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}
