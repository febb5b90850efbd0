// Looks after the places of VMs that run: all are asked for at once, and one that is gone is taken again.
import { IgniteError, isIgniteError } from '@ignite/api';
import type { Commands, DockerApi } from '../../host/index.ts';
import { isJoined } from '../given/redirect.ts';
import { spaceOf } from '../given/space.ts';
import { parseAddress } from '../ipv4.ts';
import type { DockerNic, PresentNic } from '../port.ts';
import { findHolder, holderOf, runningHolders } from './holder.ts';
import { mendPlace } from './mend.ts';
import type { Seat, Seats } from './seats.ts';

interface Looking {
  readonly commands: Commands;
  readonly api: DockerApi;
  readonly instance: string;
  readonly ordinal: number;
  readonly seats: Seats;
  /** Bytes of the program that waits in a container. */
  readonly program: () => Promise<Uint8Array>;
}

type Present = PresentNic<DockerNic>;

/**
 * Nothing while Docker does not answer.
 * @throws IgniteError `network/place-lost`, once for each VM
 */
export async function lookAtPlaces(
  looking: Looking,
  nics: readonly Present[],
  signal: AbortSignal,
): Promise<void> {
  const { api, instance } = looking;
  const lost: string[] = [];
  try {
    const running = await runningHolders(api, instance, signal);
    // Docker gives the lowest address that is free.
    for (const one of nics.toSorted((a, b) => rankOf(a) - rankOf(b)))
      if (!(await hasPlace(looking, one, running, signal))) lost.push(one.vmName ?? one.vmUid);
  } catch (error) {
    if (!isIgniteError(error, 'network/no-docker')) throw error;
  }
  if (lost.length > 0)
    throw new IgniteError(
      'network/place-lost',
      `Docker was started again and has given away the addresses of ${lost.join(', ')}`,
    );
}

/** False where it has just been found that a VM cannot have its place again. */
function hasPlace(looking: Looking, present: Present, running: ReadonlySet<string>, signal: AbortSignal) {
  const { commands, api, instance, ordinal, seats } = looking;
  const { nic, slot, vmName, vmUid } = present;
  const seat = seats(slot);
  const space = spaceOf(instance, ordinal, slot);
  return seat.queue(async () => {
    const [given] = nic.given ?? [];
    if (given === undefined || seat.seating === 'left' || seat.seating === 'lost') return true;
    if (seat.seating === 'taken' && running.has(space.name)) return true;
    const now = await findHolder(api, space.name, signal); // the list may be older than the VM's start
    const stands = now !== undefined && now !== 'ended';
    if (stands && (seat.seating === 'taken' || (await isJoined(commands, space, [given], signal)))) {
      seat.seating = 'taken';
      return true;
    }
    const holder = holderOf(space.name, { vmName: vmName ?? vmUid, vmUid, instance }, nic.ports);
    const mending = { commands, api, space, holder, program: await looking.program(), given };
    const mended = await mendPlace(mending, signal);
    return settled(seat, mended);
  });
}

/** A VM that began to leave meanwhile does so next. */
function settled(seat: Seat, mended: boolean): boolean {
  if (seat.seating === 'left') return true;
  seat.seating = mended ? 'taken' : 'lost';
  return mended;
}

function rankOf({ nic: { given = [] } }: Present): number {
  return parseAddress(given[0]?.address ?? '') ?? 0;
}
