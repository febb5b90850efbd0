// What each kind of object takes on the disk, and what of it nothing uses.
import { dirname, join } from 'node:path';
import type { HandlerResult } from '@ignite/api';
import { allocatedBytes } from '../host/index.ts';
import type { Images } from '../images/index.ts';
import type { Kernels } from '../kernels/index.ts';
import type { Vms } from '../lifecycle/index.ts';
import { stateFile, uidFolder } from '../state/index.ts';

interface DiskUseInput {
  /** The state directory. */
  readonly root: string;
  readonly vms: Pick<Vms, 'list' | 'volumes'>;
  readonly images: Pick<Images, 'list'>;
  readonly kernels: Pick<Kernels, 'list'>;
}

type Row = HandlerResult<'diskUse'>['items'][number];

/** Looks at every file once; some ten thousand a second. */
export async function diskUse(input: DiskUseInput): Promise<readonly Row[]> {
  return [await imagesRow(input), await vmsRow(input), await volumesRow(input), await kernelsRow(input)];
}

/** What is free again when images without VMs go: their base disks, the larger part. Layers may be shared. */
async function imagesRow({ root, vms, images }: DiskUseInput): Promise<Row> {
  const used = new Set(vms.list().map((vm) => vm.bound?.imageDigest));
  const all = await images.list();
  const unused = all.filter(({ manifestDigest }) => !used.has(manifestDigest));
  const seen = new Set<string>();
  return {
    kind: 'images',
    total: all.length,
    active: all.length - unused.length,
    size: await allocatedBytes(join(root, 'images')),
    reclaimable: await sum(
      unused.map(({ base }) => base.path),
      seen,
    ),
  };
}

async function vmsRow({ root, vms }: DiskUseInput): Promise<Row> {
  const all = vms.list();
  const folder = stateFile(root, 'vms', {});
  const idle = all.filter(({ status }) => !status.running);
  return {
    kind: 'vms',
    total: all.length,
    active: all.length - idle.length,
    size: await allocatedBytes(folder),
    reclaimable: await sum(idle.map(({ metadata }) => join(folder, uidFolder(metadata.uid)))),
  };
}

async function volumesRow({ vms }: DiskUseInput): Promise<Row> {
  const all = await vms.volumes.list();
  const unused = all.filter(({ status }) => status.usedBy.length === 0);
  const bytes = (volumes: typeof all) => volumes.reduce((total, { status }) => total + status.allocated, 0);
  return {
    kind: 'volumes',
    total: all.length,
    active: all.length - unused.length,
    size: bytes(all),
    reclaimable: bytes(unused),
  };
}

async function kernelsRow({ root, vms, kernels }: DiskUseInput): Promise<Row> {
  const used = new Set(vms.list().map((vm) => vm.bound?.kernelUid));
  const all = await kernels.list();
  const unused = all.filter(({ uid }) => !used.has(uid));
  return {
    kind: 'kernels',
    total: all.length,
    active: all.length - unused.length,
    size: await allocatedBytes(join(root, 'kernels')),
    reclaimable: await sum(unused.map(({ vmlinux }) => dirname(vmlinux))),
  };
}

async function sum(paths: readonly string[], seen = new Set<string>()): Promise<number> {
  let bytes = 0;
  for (const path of paths) bytes += await allocatedBytes(path, seen);
  return bytes;
}
