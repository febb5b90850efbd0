// Steps that bring a VMM to life: the initrd with the guest's configuration, then ignite-spawn.
import { randomBytes } from 'node:crypto';
import { IgniteError, type VmHistory } from '@ignite/api';
import { giveTo } from '../../host/index.ts';
import type { AttachedNic } from '../../network/index.ts';
import type { KernelRecord } from '../../kernels/port.ts';
import { forgetExit, loadSeed, makeVmFolders, type Resource, saveRunRecord } from '../../state/index.ts';
import type { Launch, LaunchContainer } from '../../supervisor/port.ts';
import {
  accelerateAsAsked,
  chooseVmm,
  type LaunchDrive,
  type LaunchPlan,
  type VmmChoice,
  type VmmDriver,
} from '../../vmm/index.ts';
import { allDone } from '../../work/index.ts';
import { containerClaim, containerFor, runtimeOf } from '../container.ts';
import { FILES_DRIVE } from '../drives.ts';
import { guestConfigOf, hostnameOf } from '../guest-setup/guest-config.ts';
import { change } from '../live-vm.ts';
import { vmmNeeds } from '../caps.ts';
import { limitGroup, limitNics } from './caps.ts';
import { dhcpOffers } from './dhcp-offers.ts';
import { attachedNics } from '../nic-place.ts';
import { replaceHistory, type StepContext } from './context.ts';
import { takeDrives } from './drives.ts';
import { drivesOf, initrdPath, joinedNamespace, requestOf, rootDisk } from './launch-request.ts';
import { mapRoot } from './snapshot.ts';
import { type PreparedFolders, prepareFolders } from './folders.ts';

const TOKEN_BYTES = 16;
const LOG = { maxBytes: 10 << 20, files: 3 } as const;

/** Makes the VM's folders and gives the disk to the VMM's user. */
export async function prepareLaunch(context: StepContext): Promise<void> {
  context.report({ kind: 'stage', name: 'prepare' });
  const { metadata, bound } = context.vm.record;
  const { state } = context.rooms;
  await makeVmFolders(state, metadata.uid, bound.slot);
  await forgetExit(state, metadata.uid);
  const mapped = await mapRoot(context);
  if (!mapped && bound.uid !== undefined) await giveTo(rootDisk(context).path, bound.uid);
  await takeDrives(context);
}

/** Builds the initrd and starts the supervisor with the VMM. */
export async function launch(context: StepContext): Promise<void> {
  const { vm, rooms, report, signal } = context;
  const kernel = await boundKernel(context);
  const choice = await chooseAccelerator(context, kernel);
  const asked = vm.record.spec.accel === 'tcg'; // the user asked for emulation and knows
  const notice = asked ? undefined : await rooms.emulationNotice(choice);
  if (notice !== undefined) report({ kind: 'note', text: notice });
  const bootToken = randomBytes(TOKEN_BYTES).toString('hex');
  const drives = await drivesOf(context, kernel);
  const nics = await attachedNics(vm, rooms, signal);
  const shared = await prepareFolders(context);
  const request = requestOf(context, kernel, choice, { nics, drives, folders: shared.folders });
  const plan = choice.driver.plan(choice.program, request);
  const supervisor = { kind: 'process', name: `ignite-spawn.${vm.record.bound.slot}` } as const;
  const [cgroups] = await allDone([
    makeCgroup(context),
    buildInitrd(context, kernel, { bootToken, driver: choice.driver, drives }),
    noteStart(context, supervisor, vmmOf(choice, plan)),
  ]);
  report({ kind: 'stage', name: 'boot' });

  await limitNics(context, nics);
  const container = await claimContainer(context, nics);
  const launch = launchOf(context, plan, {
    bootToken,
    cgroups,
    nics,
    shared,
    ...(container === undefined ? {} : { container }),
  });
  await saveRunRecord(rooms.state.runRoot, vm.record);
  const handle = await rooms.supervisor.start(launch, signal);
  if (container !== undefined) await context.journal.made(containerClaim(container));
  const { pid, startTime } = handle.process;
  await context.journal.made(supervisor, { pid, startTime });
  change(vm, { handle, agentLost: false, paused: false, diskFull: false });
  context.watch(vm);
  rooms.network.refresh(); // while the guest boots, which takes longer
}

type StartedVmm = NonNullable<NonNullable<VmHistory['lastStart']>['vmm']>;

/** What `inspect` shows of the VMM: versions and machine types differ from start to start. */
function vmmOf({ driver, program, accelerator }: VmmChoice, { machine }: LaunchPlan): StartedVmm {
  const { version } = program;
  return { name: driver.name, version, accelerator, ...(machine === undefined ? {} : { machine }) };
}

/** Records that a run has begun: from here on its end must be looked for, and a start that failed before is over. */
async function noteStart(context: StepContext, supervisor: Resource, vmm: StartedVmm): Promise<void> {
  await context.journal.claim(supervisor);
  const { clock, state } = context.rooms;
  const runtime = runtimeOf(context.vm.record.spec);
  const { lastFailure: _, ...before } = context.vm.record.history;
  await replaceHistory(context, {
    ...before,
    lastStart: {
      at: clock.now().toISOString(),
      boot: state.bootId,
      timeoutSeconds: context.start.readyTimeoutMs / 1000,
      vmm,
      ...(runtime === undefined ? {} : { runtime }),
    },
  });
}

async function claimContainer(
  { vm, rooms, journal }: StepContext,
  nics: readonly AttachedNic[],
): Promise<LaunchContainer | undefined> {
  const container = containerFor(vm.record, rooms.state.instance, nics);
  if (container !== undefined) await journal.claim(containerClaim(container));
  return container;
}

/** The VM's control group with its limits. */
async function makeCgroup(context: StepContext): Promise<readonly string[]> {
  const { vm, rooms, journal } = context;
  const claim = { kind: 'cgroup', name: String(vm.record.bound.slot) } as const;
  await journal.claim(claim);
  const files = await rooms.cgroups.make(claim.name);
  await journal.made(claim);
  await limitGroup(context);
  return files;
}

async function boundKernel({ vm, rooms }: StepContext): Promise<KernelRecord> {
  const { kernelUid } = vm.record.bound;
  const kernel = await rooms.kernels.find(kernelUid);
  if (kernel !== undefined) return kernel;
  throw new IgniteError('start/failed', `The kernel ${kernelUid} of ${vm.record.metadata.name} is gone`, {
    stage: 'kernel',
  });
}

async function chooseAccelerator(context: StepContext, kernel: KernelRecord): Promise<VmmChoice> {
  const { vm, rooms, report, signal } = context;
  const choice = await chooseVmm(
    rooms.drivers,
    vmmNeeds(vm.record.spec),
    vm.record.bound.driver,
    { vmlinux: kernel.vmlinux, report },
    signal,
  );
  return accelerateAsAsked(choice, vm.record.spec.accel);
}

interface InitrdInput {
  readonly bootToken: string;
  readonly driver: VmmDriver;
  readonly drives: readonly LaunchDrive[];
}

async function buildInitrd(
  context: StepContext,
  kernel: KernelRecord,
  { bootToken, driver, drives }: InitrdInput,
): Promise<void> {
  const { vm, rooms, signal } = context;
  const { record } = vm;
  const image = await rooms.images.find(record.bound.imageUid);
  if (image === undefined)
    throw new IgniteError(
      'start/failed',
      `The image ${record.spec.image.oci} of ${record.metadata.name} is gone`,
      {
        stage: 'image',
      },
    );
  const config = guestConfigOf({
    record,
    image,
    seed: await loadSeed(rooms.state, record.metadata.uid),
    bootToken,
    hasModulesDrive: kernel.modulesDrive !== undefined,
    hasFilesDrive: drives.some(({ index }) => index === FILES_DRIVE),
    firstStart: !record.history.seeded,
    now: rooms.clock.now(),
    vmm: { ...driver.capabilities, serials: await serialsOf(driver, drives) },
  });
  const path = initrdPath(context);
  await rooms.guest.buildInitrd({ kernel, config, path }, signal);
  if (record.bound.uid !== undefined) await giveTo(path, record.bound.uid);
}

async function serialsOf({ serialOf }: VmmDriver, drives: readonly LaunchDrive[]) {
  if (serialOf === undefined) return [];
  return Promise.all(drives.map(async ({ index, path }) => ({ drive: index, serial: await serialOf(path) })));
}

interface MadeForLaunch {
  readonly bootToken: string;
  readonly cgroups: readonly string[];
  readonly nics: readonly AttachedNic[];
  readonly shared: PreparedFolders;
  readonly container?: LaunchContainer;
}

function launchOf(context: StepContext, plan: LaunchPlan, { nics, shared, ...made }: MadeForLaunch): Launch {
  const { paths, start } = context;
  const { metadata, bound } = context.vm.record;
  const netns = joinedNamespace(nics);
  const userNetwork = nics.flatMap((nic) => (nic.kind === 'program' ? [nic.program] : []))[0];
  return {
    ...plan,
    slot: bound.slot,
    vmUid: metadata.uid,
    runDirectory: paths.run,
    vmDirectory: paths.directory,
    logDirectory: paths.logs,
    ...(bound.uid === undefined ? {} : { uid: bound.uid, gid: bound.uid }),
    ...(netns === undefined ? {} : { netns }),
    ...(userNetwork === undefined ? {} : { userNetwork }),
    ...(shared.program === undefined ? {} : { folderProgram: shared.program }),
    dhcp: nics.flatMap((nic) => dhcpOffers(nic, hostnameOf(context.vm.record))),
    ...made,
    waitForReader: start.attach,
    log: LOG,
  };
}
