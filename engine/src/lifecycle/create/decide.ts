// The choices that are made once for a VM: image, kernel, mode and VMM, then slot, addresses and volumes. Nothing of
// the VM is on the host yet.
import { randomBytes, randomUUID } from 'node:crypto';
import { VM_RECORD_FORMAT, type VmRecord, type VmSpec } from '@ignite/api';
import type { ImageRecord } from '../../images/port.ts';
import type { KernelRecord } from '../../kernels/port.ts';
import { accelerateAsAsked, chooseVmm } from '../../vmm/index.ts';
import { vmmNeeds } from '../caps.ts';
import { runtimeOf } from '../container.ts';
import { chooseBootMode } from '../guest-setup/boot-mode.ts';
import { API_MANAGER } from '../intent.ts';
import type { Reservation } from '../vm-table.ts';
import { bindNics } from './bind-nics.ts';
import {
  type CreateContext,
  type CreateVm,
  expectsMachine,
  idPrefixOf,
  imageRequest,
  stopTimeoutOf,
} from './create-request.ts';
import { boundStorage, type MadeStorage } from './create-storage.ts';

/** What is known of a VM that is about to be made. */
interface Decision {
  readonly name: string;
  readonly uid: string;
  readonly slot: number;
  readonly spec: VmSpec;
  readonly request: CreateVm;
  readonly held: DisposableStack;
  readonly storage: Pick<MadeStorage, 'drives' | 'folders'>;
}

/** What a VM is made from. */
interface Found {
  readonly image: ImageRecord;
  readonly kernel: KernelRecord;
  readonly mode: VmRecord['bound']['mode'];
  readonly driver: VmRecord['bound']['driver'];
}

/** Finds what a VM is made from and runs on, or fetches it. @throws IgniteError of the room that does not have it */
export async function find(
  { name, spec, request, held }: Pick<Decision, 'name' | 'spec' | 'request' | 'held'>,
  context: CreateContext,
): Promise<Found> {
  const { rooms, report, signal } = context;
  report({ kind: 'stage', name: 'image' });
  const image = await rooms.images.ensure(spec.image.oci, imageRequest(request, context));
  held.use(await rooms.images.hold(image.manifestDigest));
  const mode = chooseBootMode(
    { wanted: spec.boot, expectsMachine: expectsMachine(request), ...words(spec) },
    image,
  );
  report({ kind: 'stage', name: 'kernel' });
  const kernel = await rooms.kernels.ensure(
    spec.kernel.oci,
    imageRequest({ ...request, pull: 'missing' }, context),
  );
  held.use(await rooms.kernels.hold(kernel.uid, name));
  report({ kind: 'stage', name: 'vmm' });
  const probe = { vmlinux: kernel.vmlinux, report };
  const best = await chooseVmm(rooms.drivers, vmmNeeds(spec), spec.vmm, probe, signal);
  return { image, kernel, mode, driver: accelerateAsAsked(best, spec.accel).driver.name };
}

/** Finds image and kernel and makes all choices that are made once; nothing of the VM is on the host yet. */
export async function decide(
  decision: Decision,
  reservation: Reservation,
  context: CreateContext,
): Promise<{ record: VmRecord; image: ImageRecord }> {
  const { name, uid, spec, request } = decision;
  const { rooms } = context;
  const found = await find(decision, context);
  const { image, kernel, mode } = found;
  const bound = await bind(decision, reservation, found, context);
  const record: VmRecord = {
    format: VM_RECORD_FORMAT,
    kind: 'VM',
    manager: context.manager ?? API_MANAGER,
    ...(context.origin === undefined ? {} : { origin: context.origin }),
    generation: 1,
    metadata: { ...request.metadata, name, uid, created: rooms.clock.now().toISOString() },
    idPrefix: idPrefixOf(request, context),
    spec: {
      ...spec,
      stopTimeout: stopTimeoutOf(spec, mode, request, context),
      network: { ...spec.network, ports: bound.nics[0]?.ports ?? [] },
    },
    bound,
    sources: sourcesOf(image, kernel),
    history: { restarts: 0, seeded: false },
  };
  return { record, image };
}

async function bind(
  { spec, uid, slot, storage, request }: Decision,
  reservation: Reservation,
  { image, kernel, mode, driver }: Found,
  context: CreateContext,
): Promise<VmRecord['bound']> {
  const { rooms, report, signal } = context;
  const vmmUid = rooms.vmmUid(slot);
  const runtime = runtimeOf(spec);
  if (runtime !== undefined) await rooms.supervisor.requireRuntime(runtime, signal);
  report({ kind: 'stage', name: 'network' });
  return context.choose(async () => {
    const bound: VmRecord['bound'] = {
      slot,
      driver,
      imageDigest: image.manifestDigest,
      imageUid: image.uid,
      kernelDigest: kernel.digest,
      kernelUid: kernel.uid,
      mode,
      nics: await bindNics(spec.network, {
        network: rooms.network,
        vmUid: uid,
        idPrefix: idPrefixOf(request, context),
        taken: context.table.takenNics(),
        signal,
      }),
      ...boundStorage(storage),
      ...(request.filesDigest === undefined ? {} : { filesDigest: request.filesDigest }),
      uuid: randomUUID(),
      machineId: randomBytes(16).toString('hex'),
      ...(vmmUid === undefined ? {} : { uid: vmmUid }),
    };
    reservation.bind(bound);
    return bound;
  });
}

function words(spec: VmSpec) {
  return { command: spec.command, entrypoint: spec.entrypoint };
}

function sourcesOf(image: ImageRecord, kernel: KernelRecord): VmRecord['sources'] {
  return {
    image: { id: `oci://${image.reference.split(/[@:]/)[0]}@${image.manifestDigest}`, size: image.size },
    kernel: { id: `oci://${kernel.reference}@${kernel.digest}`, size: kernel.size },
  };
}
