// Files of a first start that are too large for the seed: an archive in the VM's folder, attached as a drive of its own until
// the guest has unpacked it, then deleted.
import { rm, stat } from 'node:fs/promises';
import { displaySize, IgniteError, type VmRecord } from '@ignite/api';
import { giveTo, hasErrno } from '../../host/index.ts';
import { type Journal, type State, stateFile, type Upload } from '../../state/index.ts';
import type { LaunchDrive } from '../../vmm/index.ts';
import { FILES_DRIVE } from '../drives.ts';
import type { StepContext } from './context.ts';

/** An emulated guest on a busy host with a slow disk. */
const SLOWEST_BYTES_PER_MS = 10_000;

/** @throws IgniteError `volumes/files-too-large` for what cannot fit, before anything is made */
export function checkFilesFit(upload: Pick<Upload, 'bytes'> | undefined, diskBytes: number): void {
  if (upload === undefined || upload.bytes <= diskBytes) return;
  const [files, disk] = [displaySize(upload.bytes), displaySize(diskBytes)];
  throw new IgniteError(
    'volumes/files-too-large',
    `The files for the VM have ${files}, more than its disk of ${disk}`,
    { stage: 'files', details: { bytes: upload.bytes, disk: diskBytes } },
  );
}

/** Puts what was sent into the VM's folder. Claimed before: a crash leaves it to the VM, whose making is undone. */
export async function placeFiles(
  upload: Upload | undefined,
  { metadata: { uid } }: VmRecord,
  state: State,
  journal: Journal,
): Promise<void> {
  if (upload === undefined) return;
  await journal.claim(claimOf(uid));
  await upload.moveTo(stateFile(state.root, 'vmFiles', { uid }));
  await journal.made(claimOf(uid));
}

/** The drive for a start, where the guest has not got the files yet; none where there are no such files. */
export async function filesDrive(context: StepContext): Promise<readonly LaunchDrive[]> {
  const { bound } = context.vm.record;
  const path = archivePath(context);
  if ((await waitingBytes(context)) === 0) return [];
  if (bound.uid !== undefined) await giveTo(path, bound.uid);
  return [{ index: FILES_DRIVE, path, format: 'raw', readOnly: true }];
}

/** What the guest may need for them beyond any other start, in ms. */
export async function filesTimeMs(context: StepContext): Promise<number> {
  return (await waitingBytes(context)) / SLOWEST_BYTES_PER_MS;
}

/** Deletes the archive of a VM that has its files; also what a crash kept from being deleted. */
export async function forgetFiles(context: StepContext): Promise<void> {
  const { metadata, history } = context.vm.record;
  const claim = claimOf(metadata.uid);
  const claimed = context.journal.live().some(({ kind, name }) => kind === claim.kind && name === claim.name);
  if (!history.seeded || !claimed) return;
  await rm(archivePath(context), { force: true });
  await context.journal.gone(claim);
}

function archivePath({ vm, rooms }: StepContext): string {
  return stateFile(rooms.state.root, 'vmFiles', { uid: vm.record.metadata.uid });
}

function claimOf(uid: string) {
  return { kind: 'file', name: `vms/${uid}/files.tar` } as const;
}

/** Size of the archive that the guest has not got yet; 0 where there is none. */
async function waitingBytes(context: StepContext): Promise<number> {
  if (context.vm.record.history.seeded) return 0;
  try {
    return (await stat(archivePath(context))).size;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return 0;
    throw error;
  }
}
