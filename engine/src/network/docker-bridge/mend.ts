// Repairs the place of a VM on Docker's bridge that a restart of Docker without live-restore has removed: a new container takes
// it, and its interface is moved to where the old one was. Only if Docker assigns the same address: the guest's configuration
// does not change while it runs.
import { isIgniteError } from '@ignite/api';
import type { Commands, DockerApi } from '../../host/index.ts';
import { rejoinTaps } from '../given/redirect.ts';
import type { Space } from '../given/space.ts';
import { ipBatch } from '../ip-batch.ts';
import type { GivenInterface } from '../port.ts';
import { isRefusal } from '../refusals.ts';
import { addressOf, findHolder, type Holder, removeHolder, startHolder } from './holder.ts';

interface Mending {
  readonly commands: Commands;
  readonly api: DockerApi;
  readonly space: Space;
  readonly holder: Holder;
  /** Bytes of the program that waits in the container. */
  readonly program: Uint8Array;
  /** The only interface of Docker's bridge, as the guest knows it. */
  readonly given: GivenInterface;
}

/**
 * @returns whether the VM has its place again; where not, nothing of the attempt is left
 * @throws IgniteError `network/no-docker`
 */
export async function mendPlace(mending: Mending, signal: AbortSignal): Promise<boolean> {
  const { api, holder, program, given } = mending;
  await removeHolder(api, holder.name, program, signal); // one that has ended has the name
  try {
    const { pid } = await startHolder(api, holder, program, signal);
    const got = await addressOf(api, holder.name, signal);
    if (got === given.address && (await moveIn(mending, pid, signal))) return true;
  } catch (error) {
    // Somebody else has one of its ports, say.
    if (!isIgniteError(error, 'network/docker-refused') && !isRefusal(error)) throw error;
  }
  await removeHolder(api, holder.name, program, signal);
  return false;
}

/** False where the container ended meanwhile: its pid may be somebody else's by then. */
async function moveIn({ commands, api, space, holder, given }: Mending, pid: number, signal: AbortSignal) {
  const { name, mac, mtu } = given;
  // What was there went with its other end; one that did not leads nowhere.
  await commands.run(['ip', '-n', space.name, 'link', 'del', 'dev', name], { signal, okCodes: [0, 1] });
  const netns = `/proc/${pid}/ns/net`;
  await commands.run(['ip', 'link', 'set', 'dev', name, 'netns', space.name], { netns, signal });
  const now = await findHolder(api, holder.name, signal);
  if (now === undefined || now === 'ended' || now.pid !== pid) return false;
  await ipBatch(
    commands,
    [`link set dev ${name} address ${mac} mtu ${mtu} up`],
    { netns: space.name },
    signal,
  );
  await rejoinTaps(commands, space, [given], signal);
  return true;
}
