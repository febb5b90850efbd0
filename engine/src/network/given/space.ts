// The network namespace of one VM: made by us, marked by engine and slot, filled by somebody else.
import type { Commands } from '../../host/index.ts';
import { networkNames } from '../names.ts';

/** Where the interfaces of a VM are. */
export interface Space {
  /** Name below /run/netns. */
  readonly name: string;
  readonly path: string;
}

/**
 * The namespace of the VM in a slot.
 * @param instance the engine's random instance id
 * @param ordinal the engine's number on this host
 */
export function spaceOf(instance: string, ordinal: number, slot: number): Space {
  const name = `${networkNames(instance, ordinal).mark}-vm${slot}`;
  return { name, path: `/run/netns/${name}` };
}

/** Whether the namespace is there; a file of that name that lost its namespace is none. */
export async function spaceExists(commands: Commands, space: Space, signal: AbortSignal): Promise<boolean> {
  const look = ['ip', '-n', space.name, 'link', 'show', 'dev', 'lo'] as const;
  return (await commands.run(look, { signal, okCodes: [0, 1, 255] })).code === 0;
}

/** Makes the namespace empty: one of that name, or a file that lost its namespace, goes first. */
export async function makeSpace(commands: Commands, space: Space, signal: AbortSignal): Promise<void> {
  await removeSpace(commands, space, signal);
  await commands.run(['ip', 'netns', 'add', space.name], { signal });
  await commands.run(['ip', '-n', space.name, 'link', 'set', 'dev', 'lo', 'up'], { signal });
}

/** Gives a namespace that a process is in the name; it stays after the process. */
export async function nameSpace(
  commands: Commands,
  space: Space,
  pid: number,
  signal: AbortSignal,
): Promise<void> {
  await removeSpace(commands, space, signal);
  await commands.run(['ip', 'netns', 'attach', space.name, String(pid)], { signal });
}

/** Takes the name away; with it goes the namespace, unless a process is still in it. */
export async function removeSpace(commands: Commands, space: Space, signal: AbortSignal): Promise<void> {
  await commands.run(['ip', 'netns', 'del', space.name], { signal, okCodes: [0, 1] });
}
