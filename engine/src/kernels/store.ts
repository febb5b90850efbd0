// The kernels on disk: `kernels/<uid>/` with the files and kernel.json, whole or not at all.
import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import {
  createQueue,
  makeFolder,
  namesIn,
  readIfThere,
  sweepTorn,
  syncDirectory,
  writeFileAtomic,
} from '../host/index.ts';
import { type KernelFile, parseKernelFile } from './kernel-file.ts';
import type { KernelRecord } from './port.ts';

export const KERNEL_FILES = {
  record: 'kernel.json',
  vmlinux: 'vmlinux',
  modulesCpio: 'modules.cpio',
  modulesDrive: 'modules.ext4',
} as const;

const TEMPORARY = '.new-';

/** The name a kernel is imported under, and further ones it answers to. */
export interface KernelNames {
  readonly reference: string;
  readonly aliases: readonly string[];
}

export interface KernelStore {
  /** The newest first: where a crash left a name with two of them, it is the newer one's. */
  list(): Promise<readonly KernelFile[]>;
  /** A fresh folder next to the kernels, to be filled and then kept by `keep`. */
  makeTemporary(): Promise<string>;
  /** Renames a filled folder into place and gives it its reference; a kernel already there only gets the reference. */
  keep(temporary: string, kernel: KernelFile, names: KernelNames): Promise<KernelFile>;
  /** Gives a kernel a reference and aliases, taking them from whatever kernel had them. */
  addNames(uid: string, names: KernelNames): Promise<KernelFile>;
  dropReference(uid: string, reference: string): Promise<void>;
  /** @param inUse asked at the moment of the removal. @throws IgniteError `kernels/held` */
  remove(uid: string, inUse: (uid: string) => boolean): Promise<void>;
  /** Keeps it until disposed. @param vm name of the VM that is made with it. @throws IgniteError `kernels/not-found` */
  hold(uid: string, vm: string): Promise<Disposable>;
  /** What others see of a kernel, under one of its references. */
  toRecord(kernel: KernelFile, reference?: string): KernelRecord;
}

/** @param directory `/var/lib/ignite/kernels`; made if it is missing. The caller is its only writer (DESIGN D1). */
export function createKernelStore(directory: string): KernelStore {
  const folder = (uid: string) => join(directory, uid);
  const write = (kernel: KernelFile, into = folder(kernel.uid)) =>
    writeFileAtomic(join(into, KERNEL_FILES.record), `${JSON.stringify(kernel, null, 2)}\n`, 0o644);
  const holds = new Set<{ readonly uid: string; readonly vm: string }>();
  const inTurn = createQueue(); // each change reads all records and writes some

  async function list(): Promise<readonly KernelFile[]> {
    const names = await namesIn(directory);
    const kernels = await Promise.all(names.filter(isUid).map((uid) => readKernelFile(folder(uid))));
    return kernels
      .filter((kernel) => kernel !== undefined)
      .toSorted((a, b) => (a.created < b.created ? 1 : -1));
  }

  async function addNames(uid: string, { reference, aliases }: KernelNames): Promise<KernelFile> {
    const all = await list();
    const own = all.find((kernel) => kernel.uid === uid);
    if (own === undefined) throw new IgniteError('kernels/not-found', `The kernel ${uid} is not there`);
    const named = {
      ...own,
      references: union([reference], own.references),
      aliases: union(aliases, own.aliases),
    };
    await write(named);
    for (const other of all.filter((kernel) => kernel.uid !== uid)) {
      const references = other.references.filter((each) => each !== reference);
      const kept = other.aliases.filter((each) => !aliases.includes(each));
      const lost = other.references.length + other.aliases.length - references.length - kept.length;
      if (lost > 0) await write({ ...other, references, aliases: kept });
    }
    return named;
  }

  return {
    list,
    addNames: (uid, names) => inTurn(() => addNames(uid, names)),
    async makeTemporary() {
      await makeFolder(directory);
      const path = join(directory, `${TEMPORARY}${randomBytes(8).toString('hex')}`);
      await makeFolder(path);
      return path;
    },
    keep: (temporary, kernel, names) =>
      inTurn(async () => {
        if ((await readKernelFile(folder(kernel.uid))) === undefined) {
          await rm(folder(kernel.uid), { recursive: true, force: true }); // a folder without a readable record
          await write({ ...kernel, references: [names.reference], aliases: [...names.aliases] }, temporary);
          await rename(temporary, folder(kernel.uid));
          await syncDirectory(directory);
        } else {
          await rm(temporary, { recursive: true, force: true });
        }
        return await addNames(kernel.uid, names);
      }),
    dropReference: (uid, reference) =>
      inTurn(async () => {
        const kernel = await readKernelFile(folder(uid));
        if (kernel === undefined) return;
        await write({ ...kernel, references: kernel.references.filter((each) => each !== reference) });
      }),
    hold: (uid, vm) =>
      inTurn(async () => {
        if ((await readKernelFile(folder(uid))) === undefined)
          throw new IgniteError('kernels/not-found', `The kernel ${uid} was removed meanwhile`);
        const hold = { uid, vm };
        holds.add(hold);
        return { [Symbol.dispose]: () => void holds.delete(hold) };
      }),
    remove: (uid, inUse) =>
      inTurn(async () => {
        const hold = [...holds].find((one) => one.uid === uid);
        if (hold !== undefined)
          throw new IgniteError('kernels/held', `The VM ${hold.vm} is being made with the kernel ${uid}`);
        if (inUse(uid)) throw new IgniteError('kernels/held', `A VM was just made with the kernel ${uid}`);
        const trash = join(directory, `${TEMPORARY}${uid}-${randomBytes(4).toString('hex')}`);
        await rename(folder(uid), trash);
        await syncDirectory(directory);
        await rm(trash, { recursive: true, force: true });
      }),
    toRecord: (kernel, reference) => toRecord(folder(kernel.uid), kernel, reference),
  };
}

function toRecord(folder: string, kernel: KernelFile, reference?: string): KernelRecord {
  const { uid, digest, version, created, size, architecture, features } = kernel;
  return {
    reference: reference ?? kernel.references[0] ?? uid,
    uid,
    digest,
    version,
    created,
    size,
    architecture,
    features,
    vmlinux: join(folder, KERNEL_FILES.vmlinux),
    ...(kernel.modulesCpio ? { modulesCpio: join(folder, KERNEL_FILES.modulesCpio) } : {}),
    ...(kernel.modulesDrive ? { modulesDrive: join(folder, KERNEL_FILES.modulesDrive) } : {}),
  };
}

async function readKernelFile(folder: string): Promise<KernelFile | undefined> {
  const text = await readIfThere(join(folder, KERNEL_FILES.record));
  return text === undefined ? undefined : parseKernelFile(text, folder);
}

/** Removes what an import, a removal or a new name that was cut short left behind. The caller is the only writer (DESIGN D1). */
export async function sweepKernels(directory: string): Promise<void> {
  for (const name of await namesIn(directory)) {
    if (name.startsWith(TEMPORARY)) await rm(join(directory, name), { recursive: true, force: true });
    else await sweepTorn(join(directory, name), [KERNEL_FILES.record]);
  }
}

function isUid(name: string): boolean {
  return /^[0-9a-f]{16}$/.test(name);
}

function union(first: readonly string[], second: readonly string[]): string[] {
  return [...new Set([...first, ...second])];
}
