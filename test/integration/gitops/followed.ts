// A source attached to a world's daemon, with a handle to ask for looks.
import type { AttachSource, SourceStatus } from '@ignite/api';
import { eventually } from '../supervisor/world.ts';
import type { World } from '../declare/world.ts';

export interface Followed {
  readonly name: string;
  readonly said: string[];
  sync(): Promise<SourceStatus>;
  readonly done: Promise<void>;
}

/** Settles when the source is there. */
export async function followed(world: World, wanted: AttachSource, signal: AbortSignal): Promise<Followed> {
  const before = new Set(world.sources.list().map(({ name }) => name));
  const said: string[] = [];
  const done = world.sources.attach(wanted, (text) => void said.push(text), signal);
  const fresh = () => world.sources.list().find(({ name }) => !before.has(name))?.name;
  await Promise.race([eventually(fresh, (name) => name !== undefined), done]);
  const name = fresh() ?? '';
  return { name, said, done, sync: () => world.sources.find(name).sync(AbortSignal.timeout(120_000)) };
}

/** Names of all VMs of the world, in order. */
export function vmNames({ house }: World): readonly string[] {
  return house.vms
    .list()
    .map(({ metadata }) => metadata.name)
    .sort();
}
