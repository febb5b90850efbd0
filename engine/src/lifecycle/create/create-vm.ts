// Making a VM: image and kernel, the one-time choices, the disk, and at the end the record. Until the record is
// written there is no VM, and a failure or a crash takes everything back (D3).
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { displaySize, type VmRecord, type VmSpec } from '@ignite/api';
import { generateName, generateUid } from '@ignite/api/names';
import type { ImageRecord } from '../../images/port.ts';
import { type CreateContext, type CreateVm, filledSpec, seedOf } from './create-request.ts';
import { checkFilesFit, placeFiles } from '../steps/files-archive.ts';
import { type MadeStorage, makeStorage } from './create-storage.ts';
import { decide, find } from './decide.ts';
import { type LiveVm, liveVm } from '../live-vm.ts';
import { type Journal, makeVmFolders, type Seed, saveSeed, type Upload } from '../../state/index.ts';
import { vmPaths } from '../vm-paths.ts';
import { checkMemoryFits } from './host-memory.ts';
import { allDone } from '../../work/index.ts';
import { rememberStage, staged } from '../stage.ts';
import type { VmTable } from '../vm-table.ts';

/**
 * Makes a VM and its record; nothing runs yet.
 * @throws IgniteError with the stage that failed; nothing is left behind
 */
export async function createVm(request: CreateVm, caller: CreateContext): Promise<LiveVm> {
  const { report, stage } = rememberStage(caller.report);
  const { rooms, table } = caller;
  await using upload = request.upload === undefined ? undefined : rooms.state.uploads.take(request.upload);
  const spec = filledSpec(request, caller);
  await checkMemoryFits(spec.memory, request.metadata?.name);
  checkFilesFit(upload, spec.diskSize);
  const name = request.metadata?.name || uniqueName(table);
  const uid = request.metadata?.uid || generateUid(randomBytes);
  using reservation = table.reserve(name, uid);
  const context = { ...caller, report, signal: AbortSignal.any([caller.signal, reservation.signal]) };
  const slot = rooms.state.slots.take();
  using held = new DisposableStack(); // image, kernel and volumes stay until the VM is in the table of their users
  let storage: MadeStorage | undefined;

  try {
    if (spec.storage !== undefined) report({ kind: 'stage', name: 'volumes' });
    storage = held.use(await makeStorage(storageInput(spec, request, context)));
    const decision = { name, uid, slot, spec, request, held, storage };
    const { record, image } = await decide(decision, reservation, context);
    const vm = liveVm(
      await commit(record, image, { seed: seedOf(request, spec, name), upload }, context),
      context.rooms.state.bootId,
    );
    table.add(vm);
    return vm;
  } catch (error) {
    const recorded = rooms.state.vms.get(uid) !== undefined;
    // What cannot be removed now is removed by the next daemon. It is reported with the failure, never instead of it.
    await rooms.state.vms.remove(uid, context.operation).catch((problem: unknown) => {
      const text = problem instanceof Error ? problem.message : String(problem);
      report({ kind: 'note', text: `It could not be cleaned up after the failure: ${text}` });
    });
    if (!recorded) rooms.state.slots.free(slot); // else it is free by now, and may be another VM's
    await storage?.undo();
    throw staged(error, stage());
  }
}

function storageInput(spec: VmSpec, request: CreateVm, { rooms, table, hostPaths, signal }: CreateContext) {
  const { hostPaths: typed = [] } = request;
  return { spec, volumes: rooms.volumes, typed, allowed: hostPaths, vms: table.all, signal };
}

/**
 * Finds out whether such a VM could be made: image, kernel and VMM are there, or are fetched. Makes nothing else.
 * @throws IgniteError what `createVm` would say
 */
export async function rehearseCreate(request: CreateVm, context: CreateContext): Promise<void> {
  using held = new DisposableStack();
  const spec = filledSpec(request, context);
  await checkMemoryFits(spec.memory, request.metadata?.name);
  if (request.upload !== undefined)
    checkFilesFit(context.rooms.state.uploads.look(request.upload), spec.diskSize);
  await find({ name: request.metadata?.name ?? 'of a manifest', spec, request, held }, context);
}

/** What the guest is given in addition to its disk. */
interface Given {
  readonly seed: Seed;
  readonly upload: Upload | undefined;
}

/** Makes the files and, last of all, the record. */
async function commit(
  record: VmRecord,
  image: ImageRecord,
  { seed, upload }: Given,
  context: CreateContext,
): Promise<VmRecord> {
  const { state } = context.rooms;
  const { uid } = record.metadata;
  context.report({ kind: 'stage', name: 'disk' });
  await makeVmFolders(state, uid); // the run folder is a start's
  const journal = await state.vms.journal(uid);
  await journal.bindSlot(record.bound.slot);
  await journal.begin({ op: context.operation, verb: 'create', generation: record.generation });
  await placeFiles(upload, record, state, journal);
  const [complete] = await allDone([makeDisk(record, image, journal, context), saveSeed(state, uid, seed)]);
  context.signal.throwIfAborted(); // from here on there is a VM
  await state.vms.put(complete);
  await journal.done();
  return complete;
}

/** The original gave up when a random name was taken; we try another. */
function uniqueName(table: VmTable): string {
  const taken = new Set(table.names());
  for (let attempt = 0; attempt < 16; attempt += 1) {
    const name = generateName(randomBytes);
    if (!taken.has(name)) return name;
  }
  return `${generateName(randomBytes)}-${randomBytes(3).toString('hex')}`;
}

/** The disk, claimed before it is made. */
async function makeDisk(
  record: VmRecord,
  image: ImageRecord,
  journal: Journal,
  { rooms, report, signal }: CreateContext,
): Promise<VmRecord> {
  const { metadata, bound, spec } = record;
  const { directory } = vmPaths(rooms.state, metadata.uid, bound.slot);
  const driver = rooms.drivers.find((driver) => driver.name === bound.driver);
  const formats = driver?.capabilities.diskFormats ?? [];
  const claim = { kind: 'file', name: `vms/${metadata.uid}/disk0` } as const;
  await journal.claim(claim);
  const disk = await rooms.disks.create(
    { base: image.base.path, directory, index: 0, bytes: spec.diskSize, formats },
    signal,
  );
  await journal.made(claim);
  const { format, means, bytes } = disk;
  if (bytes > spec.diskSize) report({ kind: 'note', text: largerDisk(spec.diskSize, bytes) });
  const backing = means === 'qcow2' || means === 'device-mapper' ? { backing: image.base.path } : {};
  return {
    ...record,
    bound: { ...bound, disk: { path: basename(disk.path), format, means, bytes, ...backing } },
  };
}

function largerDisk(asked: number, bytes: number): string {
  return `A disk of ${displaySize(asked)} does not hold the image: it has ${displaySize(bytes)}`;
}
