// Containers of containerd's, by its own program ctr: its API is gRPC, for which we have no client. The container's
// name is also that of its task and its snapshot.
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError, isIgniteError } from '@ignite/api';
import { formatReference, parseReference, withDefaultTag } from '@ignite/api/references';
import { type Clock, type Commands, fieldOf, readMountInfo, removeLostGroup } from '../../host/index.ts';
import { type Ctr, ctr, NAMESPACE } from './ctr.ts';
import { programArchive } from './program-archive.ts';
import {
  CAPABILITIES,
  type ContainerRuntime,
  type ContainerSpec,
  LABELS,
  PROGRAM,
  PULL_MS,
  REPOSITORY,
} from './runtime.ts';
import type { Mount } from './view.ts';

/** Where packages and Docker's own containerd have it (RT-01). */
const SOCKETS = ['/run/containerd/containerd.sock', '/run/docker/containerd/containerd.sock'] as const;
const LOOK_EVERY_MS = 250;
/** The end of another VM may take our image away between our look and our use of it. */
const ATTEMPTS = 5;

interface ContainerdOptions {
  readonly commands: Commands;
  readonly clock: Clock;
  /** Absent: the first that is there. */
  readonly socket?: string;
  /** Absent: containerd's own. */
  readonly snapshotter?: string;
  /** Path of ignite-spawn. */
  readonly program: string;
}

/** The containerd of this host. Nothing is touched before a VM asks for it. */
export function containerdRuntime(options: ContainerdOptions): ContainerRuntime {
  const { commands, clock, program } = options;
  const call = ctr(commands, () => socketOf(options));
  return {
    name: 'containerd',
    check: async (signal) => void (await call.run(['version'], { signal })),
    run: (spec, signal) => run(call, options, spec, signal),
    ended: async (name, signal) => {
      while (await isRunning(call, name, signal)) await clock.sleep(LOOK_EVERY_MS, signal);
    },
    remove: async (name, signal) => {
      await call.runIfThere(['tasks', 'delete', '--force', name], { signal });
      const removed = await call.runIfThere(['containers', 'delete', name], { signal }); // and its snapshot
      if (removed === undefined) await removeSnapshot(call, options, name, signal);
      // runc's, named by containerd. Where containerd was killed while runc made the task it knows of none, nor removes them.
      await removeLostGroup(join(NAMESPACE, name), await readMountInfo());
      const { reference } = programArchive(REPOSITORY, PROGRAM, await readFile(program));
      const others = await call.run(['containers', 'list'], { signal });
      if (!others.includes(reference)) await call.runIfThere(['images', 'remove', reference], { signal });
    },
    list: async (instance, signal) => {
      const filter = `labels."${LABELS.instance}"==${instance}`;
      const names = lines(await call.run(['containers', 'list', '--quiet', filter], { signal }));
      const found = await Promise.all(names.map((name) => foundOf(call, name, signal)));
      return found.flat();
    },
  };
}

/** ctr itself would wait for a socket that is not there. */
async function socketOf({ socket }: ContainerdOptions): Promise<string> {
  const places = socket === undefined ? SOCKETS : [socket];
  for (const path of places) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  throw new IgniteError('supervisor/no-runtime', `containerd does not answer at ${places[0]}`);
}

async function run(
  call: Ctr,
  options: ContainerdOptions,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const image = await ensureImage(call, options, spec.image, signal);
    const words = wordsOf(spec, options, image);
    if (attempt === ATTEMPTS) return void (await call.run(words, { signal }));
    if ((await call.runIfThere(words, { signal })) !== undefined) return;
    await call.runIfThere(['containers', 'delete', spec.name], { signal });
  }
}

/** One whose maker was ended before it made the container: the next one of this name could not be made. */
async function removeSnapshot(
  call: Ctr,
  { snapshotter }: ContainerdOptions,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const kind = snapshotter === undefined ? [] : ['--snapshotter', snapshotter];
  await call.runIfThere(['snapshots', ...kind, 'remove', name], { signal });
}

async function ensureImage(
  call: Ctr,
  { program, snapshotter }: ContainerdOptions,
  theirs: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const ours = programArchive(REPOSITORY, PROGRAM, await readFile(program));
  const reference =
    theirs === undefined ? ours.reference : formatReference(withDefaultTag(parseReference(theirs)));
  const known = lines(await call.run(['images', 'list', '--quiet', `name==${reference}`], { signal }));
  if (known.includes(reference)) return reference;
  const kind = snapshotter === undefined ? [] : ['--snapshotter', snapshotter];
  if (theirs === undefined)
    await call.run(['images', 'import', ...kind, '-'], { signal, input: await ours.bytes() });
  else await pull(call, kind, reference, signal);
  return reference;
}

async function pull(call: Ctr, kind: readonly string[], reference: string, signal: AbortSignal) {
  try {
    await call.run(['images', 'pull', ...kind, reference], { signal, timeoutMs: PULL_MS });
  } catch (cause) {
    if (!isIgniteError(cause, 'supervisor/runtime-refused')) throw cause;
    throw new IgniteError(
      'supervisor/no-sandbox-image',
      `containerd does not pull ${reference}: ${cause.message}`,
      { cause },
    );
  }
}

/**
 * ctr sets neither seccomp nor AppArmor by itself; control groups are the VM's, by the host's names, which a namespace of
 * its own for them would hide.
 */
function wordsOf(spec: ContainerSpec, { snapshotter, program }: ContainerdOptions, image: string): string[] {
  const { env, name, labels, network, view, words } = spec;
  const ours: Mount = { source: program, target: `/${PROGRAM}`, writable: false };
  const mounts = spec.image === undefined ? view.mounts : [...view.mounts, ours];
  return [
    ...['run', '--detach', '--read-only', '--null-io'],
    ...(snapshotter === undefined ? [] : ['--snapshotter', snapshotter]),
    ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    ...CAPABILITIES.flatMap((capability) => ['--cap-add', `CAP_${capability}`]),
    ...view.devices.flatMap((path) => ['--device', path]),
    ...mounts.flatMap((mount) => ['--mount', mountWord(mount)]),
    ...['--with-ns', 'cgroup:/proc/self/ns/cgroup'], // of who makes it, before it is in the container
    ...(network === 'host' ? ['--net-host'] : []),
    ...[image, name, `/${PROGRAM}`, ...words],
  ];
}

/** ctr takes it apart at commas. */
function mountWord({ source, target, writable }: Mount): string {
  if (source.includes(',') || source.includes('"'))
    throw new IgniteError(
      'supervisor/bad-launch',
      `${source} holds a comma or a quotation mark, and containerd cannot be given such a file`,
    );
  return `type=bind,src=${source},dst=${target},options=rbind:${writable ? 'rw' : 'ro'}`;
}

async function isRunning(call: Ctr, name: string, signal: AbortSignal): Promise<boolean> {
  const rows = lines(await call.run(['tasks', 'list'], { signal })).map((line) => line.split(/\s+/));
  return rows.some(([task, , status]) => task === name && status !== 'STOPPED');
}

async function foundOf(call: Ctr, name: string, signal: AbortSignal) {
  const told = await call.runIfThere(['containers', 'info', name], { signal });
  if (told === undefined) return [];
  const slot = fieldOf(fieldOf(JSON.parse(told), 'Labels'), LABELS.slot);
  return typeof slot === 'string' ? [{ name, slot: Number(slot) }] : [];
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
