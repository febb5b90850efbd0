// Starts ignite-spawn and connects to the supervisor that it leaves running.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError, isIgniteError } from '@ignite/api';
import { type Commands, replaceFile } from '../host/index.ts';
import { LAUNCH_FILE } from './files.ts';
import { encodeLaunch } from './launch-file.ts';
import type { Launch, SupervisorHandle } from './port.ts';

/** Joining a namespace and executing a program takes milliseconds; a busy host may stand still for a while. */
const START_TIMEOUT_MS = 60_000;
const CLEAN_TIMEOUT_MS = 5_000;

interface StartDependencies {
  readonly spawnPath: string;
  readonly commands: Commands;
  readonly adopt: (runDirectory: string, signal: AbortSignal) => Promise<SupervisorHandle | undefined>;
}

/**
 * Writes the launch file, runs ignite-spawn, adopts. What was started is ended again when the signal comes meanwhile.
 * @throws IgniteError `supervisor/start-failed` (stage as ignite-spawn names it), `supervisor/too-old`, `supervisor/bad-launch`,
 *   `host/program-missing`, `host/cancelled`, `host/deadline`
 */
export async function startSupervisor(
  launch: Launch,
  dependencies: StartDependencies,
  signal: AbortSignal,
): Promise<SupervisorHandle> {
  const launchPath = join(launch.runDirectory, LAUNCH_FILE);
  try {
    await writeLaunchFile(launch, launchPath);
    await dependencies.commands.run([dependencies.spawnPath, launchPath], {
      signal,
      timeoutMs: START_TIMEOUT_MS,
    });
    const handle = await dependencies.adopt(launch.runDirectory, signal);
    if (handle !== undefined) return handle;
    throw endedAtOnce(launch);
  } catch (error) {
    await undo(launch, launchPath, dependencies);
    throw explain(launch, error);
  }
}

/** The error for a VMM whose program ran, and that is gone before anybody could take hold of it. */
export function endedAtOnce({ vmUid }: Launch): IgniteError {
  return new IgniteError('supervisor/start-failed', `The VMM of ${vmUid} ended as soon as it ran`, {
    stage: 'exec',
  });
}

/** Writes it. @throws IgniteError `supervisor/start-failed`, `supervisor/bad-launch` */
export async function writeLaunchFile(launch: Launch, path: string): Promise<void> {
  const bytes = encodeLaunch(launch);
  try {
    await replaceFile(path, bytes, 0o600);
  } catch (cause) {
    throw new IgniteError('supervisor/start-failed', `The launch file ${path} could not be written`, {
      cause,
      stage: 'launch',
    });
  }
}

/** Between the end of ignite-spawn's foreground and our connection a cancelled start has a live supervisor. */
async function undo(launch: Launch, launchPath: string, { adopt }: StartDependencies): Promise<void> {
  const deadline = AbortSignal.timeout(CLEAN_TIMEOUT_MS);
  try {
    const handle = await adopt(launch.runDirectory, deadline);
    await handle?.kill(deadline);
    handle?.close();
  } catch (error) {
    if (!isIgniteError(error)) throw error; // it does not answer: the next look at the slot finds it
  }
  await rm(launchPath, { force: true }).catch(() => {}); // the folder itself may be what is missing
}

function explain(launch: Launch, error: unknown): unknown {
  if (!isIgniteError(error, 'host/command-failed')) return error;
  return startFailure(launch, String(error.details['stderr'] ?? ''), error);
}

/** What ignite-spawn says of a launch file that holds what only later ones know (native/spawn/launch.c). */
const OLDER = 'launch: an unknown key';

/** The error for what ignite-spawn said: it prints one line, `stage: message`. */
export function startFailure(
  launch: Pick<Launch, 'vmUid' | 'slot'>,
  said: string,
  cause: unknown,
): IgniteError {
  const told = said.trim();
  if (told === OLDER)
    return new IgniteError(
      'supervisor/too-old',
      `The VMM of ${launch.vmUid} could not be started: ignite-spawn is older than the daemon`,
      { cause, stage: 'launch' },
    );
  const [, stage, message] = /^([a-z]+): (.*)$/s.exec(told) ?? [];
  return new IgniteError(
    'supervisor/start-failed',
    `The VMM of ${launch.vmUid} could not be started: ${message ?? (told || 'the supervisor said nothing')}`,
    { cause, ...(stage === undefined ? {} : { stage }), details: { slot: launch.slot } },
  );
}
