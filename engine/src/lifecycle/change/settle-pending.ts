// Makes the choices again that a changed spec left open: NIC and ports, kernel, SSH key. Done before a start, when
// nothing of the VM is on the host: rules of an attached network are found again by what was bound.
import { join } from 'node:path';
import type { VmRecord } from '@ignite/api';
import { bindNics } from '../create/bind-nics.ts';
import { loadSeed, saveSeed, type Seed, stateFile } from '../../state/index.ts';
import { boundStorage, makeStorage } from '../create/create-storage.ts';
import type { LiveVm } from '../live-vm.ts';
import type { OperationRooms } from '../operations.ts';
import { makeSshKeyPair } from '../create/ssh-keys.ts';
import { mayLive } from '../not-running.ts';

/** Settles what is pending of a stopped VM. @throws IgniteError of the rooms asked: a port that is taken, no kernel */
export async function settlePending(vm: LiveVm, engine: OperationRooms, signal: AbortSignal): Promise<void> {
  const { pending } = vm.record.history;
  if (pending === undefined || mayLive(vm)) return;
  const touches = (prefix: string) => pending.some((path) => path.startsWith(prefix));
  if (touches('spec.kernel.oci')) await chooseKernel(vm, engine, signal);
  if (touches('spec.ssh')) await chooseKey(vm, engine);
  if (touches('spec.diskSize')) await growRoot(vm, engine, signal);
  if (touches('spec.storage.')) await chooseDrives(vm, engine, signal);
  if (touches('spec.network.')) await engine.choose(() => chooseNics(vm, engine, signal));
  const { pending: _settled, ...history } = vm.record.history;
  await put(vm, engine, { ...vm.record, history });
}

async function put(vm: LiveVm, engine: OperationRooms, record: VmRecord): Promise<void> {
  await engine.rooms.state.vms.put(record);
  vm.record = record;
}

async function chooseKernel(vm: LiveVm, engine: OperationRooms, signal: AbortSignal): Promise<void> {
  const { metadata, spec, bound, sources } = vm.record;
  const kernel = await engine.rooms.kernels.ensure(spec.kernel.oci, {
    pull: 'missing',
    report: () => {},
    signal,
  });
  using _held = await engine.rooms.kernels.hold(kernel.uid, metadata.name); // until the record names it
  await put(vm, engine, {
    ...vm.record,
    bound: { ...bound, kernelDigest: kernel.digest, kernelUid: kernel.uid },
    sources: {
      ...sources,
      kernel: { id: `oci://${kernel.reference}@${kernel.digest}`, size: kernel.size },
    },
  });
}

/** The key of before goes: what the spec says is who may enter. */
async function chooseKey(vm: LiveVm, engine: OperationRooms): Promise<void> {
  const { state } = engine.rooms;
  const { metadata, spec } = vm.record;
  const { files, hostKeys } = await loadSeed(state, metadata.uid);
  const kept = hostKeys === undefined ? { files } : { files, hostKeys };
  await saveSeed(state, metadata.uid, { ...keysOf(spec.ssh, metadata.name), ...kept });
}

function keysOf(ssh: VmRecord['spec']['ssh'], name: string): Pick<Seed, 'authorizedKeys' | 'sshPrivateKey'> {
  if (typeof ssh === 'string') return { authorizedKeys: [ssh] };
  if (ssh !== true) return { authorizedKeys: [] };
  const pair = makeSshKeyPair(`ignite-${name}`);
  return { sshPrivateKey: pair.privateKey, authorizedKeys: [pair.publicKey] };
}

/** The guest grows the file system when it mounts it. */
async function growRoot(vm: LiveVm, engine: OperationRooms, signal: AbortSignal): Promise<void> {
  const { rooms } = engine;
  const { spec, bound, metadata } = vm.record;
  if (bound.disk === undefined || spec.diskSize <= bound.disk.bytes) return;
  const path = join(stateFile(rooms.state.root, 'vm', { uid: metadata.uid }), bound.disk.path);
  const { bytes } = await rooms.disks.grow({ ...bound.disk, path }, spec.diskSize, signal);
  await put(vm, engine, { ...vm.record, bound: { ...bound, disk: { ...bound.disk, bytes } } });
}

/** Volumes that a changed spec names are made where they are missing; those it names no more stay, without this VM. */
async function chooseDrives(vm: LiveVm, engine: OperationRooms, signal: AbortSignal): Promise<void> {
  const { spec, bound } = vm.record;
  const { rooms, hostPaths } = engine;
  // What was typed at the creation is in bound; what came since came in an object.
  const typed = [
    ...(bound.drives ?? []).flatMap(({ device }) => (device === undefined ? [] : [device])),
    ...(bound.folders ?? []).map(({ path }) => path),
  ];
  const [{ volumes }, allowed, known] = [rooms, hostPaths, bound.folders];
  using made = await makeStorage({ spec, volumes, typed, allowed, known, vms: engine.all, signal });
  const { drives: _drives, folders: _folders, ...rest } = bound;
  await put(vm, engine, { ...vm.record, bound: { ...rest, ...boundStorage(made) } });
}

/** Addresses and MACs stay where the networks do. */
async function chooseNics(vm: LiveVm, engine: OperationRooms, signal: AbortSignal): Promise<void> {
  const { spec, bound, idPrefix, metadata } = vm.record;
  const taken = engine.takenNics().filter((nic) => nic.vmName !== metadata.name);
  const nics = await bindNics(spec.network, {
    network: engine.rooms.network,
    vmUid: metadata.uid,
    idPrefix,
    taken,
    old: bound.nics,
    signal,
  });
  const ports = nics[0]?.ports ?? spec.network.ports;
  await put(vm, engine, {
    ...vm.record,
    spec: { ...spec, network: { ...spec.network, ports } },
    bound: { ...bound, nics },
  });
}
