// Looks after the places of VMs that run: all are asked for at once, and one that is gone is taken again.
import { isIgniteError } from '@ignite/api';
import type { Commands, DockerApi } from '../../host/index.ts';
import { isJoined } from '../given/redirect.ts';
import { spaceOf } from '../given/space.ts';
import { parseAddress } from '../ipv4.ts';
import type { DockerNic, PresentNic } from '../port.ts';
import { findHolder, holderOf, runningHolders, takenAddresses } from './holder.ts';
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

/** A place is tried again after this many looks at most. */
const LONGEST_WAIT = 6;

/**
 * UIDs of the VMs whose address another container has: their guests keep the address and cannot be reached any more.
 * Nothing is done while Docker does not answer.
 */
export async function lookAtPlaces(
  looking: Looking,
  nics: readonly Present[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { api, instance, seats } = looking;
  try {
    const running = await runningHolders(api, instance, signal);
    // Docker gives the lowest address that is free.
    for (const one of nics.toSorted((a, b) => rankOf(a) - rankOf(b)))
      await keepPlace(looking, one, running, signal);
  } catch (error) {
    if (!isIgniteError(error, 'network/no-docker')) throw error;
  }
  return nics.filter(({ slot }) => seats(slot).seating === 'lost').map(({ vmUid }) => vmUid);
}

function keepPlace(looking: Looking, present: Present, running: ReadonlySet<string>, signal: AbortSignal) {
  const { commands, api, instance, ordinal, seats } = looking;
  const { nic, slot, vmName, vmUid } = present;
  const seat = seats(slot);
  const space = spaceOf(instance, ordinal, slot);
  return seat.queue(async () => {
    const [given] = nic.given ?? [];
    if (given === undefined || seat.seating === 'left') return;
    if (seat.seating === 'lost' && !(await mayBeFree(api, seat, given.address, signal))) return;
    if (seat.seating === 'taken' && running.has(space.name)) return;
    const now = await findHolder(api, space.name, signal); // the list may be older than the VM's start
    const stands = now !== undefined && now !== 'ended';
    if (stands && (seat.seating === 'taken' || (await isJoined(commands, space, [given], signal)))) {
      seat.seating = 'taken';
      return;
    }
    const holder = holderOf(space.name, { vmName: vmName ?? vmUid, vmUid, instance }, nic.ports);
    const mending = { commands, api, space, holder, program: await looking.program(), given };
    settle(seat, await mendPlace(mending, signal));
  });
}

/** Asked at every look, as it costs nothing; a free address that Docker does not give is tried more and more rarely. */
async function mayBeFree(
  api: DockerApi,
  seat: Seat,
  address: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  seat.wait.left -= 1;
  if (seat.wait.left >= 0) return false;
  return address !== undefined && (await takenAddresses(api, signal))?.has(address) === false;
}

/** A VM that began to leave meanwhile does so next. */
function settle(seat: Seat, mended: boolean): void {
  if (seat.seating === 'left') return;
  if (!mended && seat.seating === 'lost') {
    const last = Math.min(LONGEST_WAIT, Math.max(1, seat.wait.last * 2));
    seat.wait = { left: last, last };
  } else seat.wait = { left: 0, last: 0 };
  seat.seating = mended ? 'taken' : 'lost';
}

function rankOf({ nic: { given = [] } }: Present): number {
  return parseAddress(given[0]?.address ?? '') ?? 0;
}
