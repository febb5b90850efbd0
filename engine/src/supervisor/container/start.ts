// Starts ignite-spawn as the first process of a container and connects to it. From then on nothing differs from one that runs
// on the host itself: the same socket, the same files, the same end.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError, isIgniteError } from '@ignite/api';
import { type Clock, readIfThere } from '../../host/index.ts';
import { LAUNCH_FILE } from '../files.ts';
import type { Launch, LaunchContainer, SupervisorHandle } from '../port.ts';
import { endedAtOnce, startFailure, writeLaunchFile } from '../start.ts';
import type { ContainerRuntime, ContainerSpec } from './runtime.ts';
import { viewOf } from './view.ts';

/** Docker makes a container in half a second where it has nothing else to do. */
const START_TIMEOUT_MS = 60_000;
const CLEAN_TIMEOUT_MS = 30_000;
const AGAIN_MS = 20;
const SAID = '.said';

interface ContainerStart {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly adopt: (runDirectory: string, signal: AbortSignal) => Promise<SupervisorHandle | undefined>;
}

/**
 * Writes the launch file, makes and starts the container, adopts. What was made is removed again where that fails.
 * @throws IgniteError `supervisor/start-failed`, `supervisor/bad-launch`, `supervisor/no-runtime`,
 *   `supervisor/runtime-refused`, `host/cancelled`
 */
export async function startInContainer(
  launch: Launch,
  container: LaunchContainer,
  parts: ContainerStart,
  signal: AbortSignal,
): Promise<SupervisorHandle> {
  const path = join(launch.runDirectory, LAUNCH_FILE);
  const { runtime } = parts;
  try {
    await runtime.remove(container.name, signal); // one that a run before this left
    const view = await viewOf(launch);
    await writeLaunchFile({ ...launch, cgroups: view.cgroups }, path);
    const spec: ContainerSpec = {
      name: container.name,
      labels: container.labels,
      ...(container.image === undefined ? {} : { image: container.image }),
      network: networkOf(launch, container),
      view,
      env: container.env ?? {},
      words: ['--stay', path],
    };
    await runtime.run(spec, signal);
    return await takeHold(launch, container, parts, signal);
  } catch (error) {
    await undo(container, path, parts);
    throw error;
  }
}

function networkOf({ netns }: Launch, { network }: LaunchContainer): ContainerSpec['network'] {
  if (network !== undefined) return { container: network };
  return netns === undefined ? 'host' : 'none';
}

/** It sends its status only when the VMM's program runs: a status line means that the start has succeeded. */
async function takeHold(
  launch: Launch,
  container: LaunchContainer,
  { runtime, clock, adopt }: ContainerStart,
  signal: AbortSignal,
): Promise<SupervisorHandle> {
  const over = new AbortController();
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT_MS)]);
  let ended = false;
  runtime.ended(container.name, AbortSignal.any([deadline, over.signal])).then(
    () => {
      ended = true;
    },
    () => {}, // then only the supervisor's status, or the deadline, decides
  );
  try {
    for (;;) {
      const last = ended; // a supervisor that ended before this look is not found by it
      const handle = await adopt(launch.runDirectory, deadline);
      if (handle !== undefined) return handle;
      if (last) throw whyEnded(launch, await saidOf(launch));
      if (deadline.aborted) throw late(launch, signal);
      await clock.sleep(AGAIN_MS);
    }
  } finally {
    over.abort();
  }
}

/** What it wrote down beside its launch file (native/spawn/main.c). */
async function saidOf({ runDirectory }: Launch): Promise<string> {
  return (await readIfThere(join(runDirectory, `${LAUNCH_FILE}${SAID}`))) ?? '';
}

/** It says what it cannot start, and nothing of what it has started. */
function whyEnded(launch: Launch, said: string): IgniteError {
  return said.trim() === '' ? endedAtOnce(launch) : startFailure(launch, said, undefined);
}

function late(launch: Launch, signal: AbortSignal): IgniteError {
  if (signal.aborted)
    return new IgniteError('host/cancelled', `The start of ${launch.vmUid} was cancelled`, {
      cause: signal.reason,
    });
  const text = `The container of ${launch.vmUid} did not start its VMM within ${START_TIMEOUT_MS / 1000} s`;
  return new IgniteError('supervisor/start-failed', text, { stage: 'start' });
}

/** With the container goes everything in it. */
async function undo({ name }: LaunchContainer, path: string, { runtime }: ContainerStart): Promise<void> {
  try {
    await runtime.remove(name, AbortSignal.timeout(CLEAN_TIMEOUT_MS));
  } catch (error) {
    if (!isIgniteError(error)) throw error; // its claim stays: the next look at the VM removes it
  }
  for (const file of [path, `${path}${SAID}`]) await rm(file, { force: true }).catch(() => {});
}
