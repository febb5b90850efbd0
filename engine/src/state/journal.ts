// The journal of one object, in two files: what outlives the boot is claimed in the state directory and made lasting,
// what dies with it is claimed below /run and never synced (FORMATS, Journal, 2).
import { IgniteError } from '@ignite/api/errors';
import { isDeepStrictEqual } from 'node:util';
import { type Clock, createQueue } from '../host/index.ts';
import { type JournalFile, type NewLine, openJournalFile } from './journal-file.ts';
import { dropOtherBoots, isLasting, resourceKey } from './live-set.ts';
import type { Claim, FaultPoints, Journal, Operation, Resource } from './port.ts';

interface JournalPlaces {
  readonly uid: string;
  /** Absolute path of the lasting file. */
  readonly lasting: string;
  /** Absolute path of the boot-lived file of a slot. */
  readonly bootLived: (slot: number) => string;
  readonly bootId: string;
  readonly clock: Clock;
  readonly points?: FaultPoints | undefined;
}

/** Written where no operation is in progress: recovery drops claims it has looked at. */
const NO_OPERATION = '-';

/** A file that is longer is shrunk after a failure, too: a VM may fail to start for months. */
const LONG_BYTES = 64 << 10;

/** Opens an object's journal; nothing is written before the first call. */
export async function openJournal(places: JournalPlaces): Promise<Journal> {
  return journalOver(
    await openJournalFile(places.lasting, places.clock, true, places.points),
    undefined,
    places,
  );
}

/** Opens what a slot's run folder holds as a journal of its own: claims of an object that has no record. */
export async function openSlotJournal(
  slot: number,
  places: Omit<JournalPlaces, 'uid' | 'lasting'>,
): Promise<Journal> {
  const file = await openJournalFile(places.bootLived(slot), places.clock, false, places.points);
  return journalOver(file, file, { ...places, uid: `slot ${slot}` });
}

function journalOver(
  lasting: JournalFile,
  ofSlot: JournalFile | undefined,
  places: Omit<JournalPlaces, 'lasting'>,
): Journal {
  const { uid, clock } = places;
  const boot = places.bootId.slice(0, 8);
  const queue = createQueue();
  let bootLived = ofSlot;

  const problem = () => lasting.problem ?? bootLived?.problem;
  const pending = () => lasting.set().pending;
  const op = () => pending()?.op ?? NO_OPERATION;
  /** Of both files, without claims of another boot; the two may be one. */
  const live = (): readonly Claim[] =>
    [...new Set([lasting, bootLived])].flatMap((file) =>
      file === undefined ? [] : [...dropOtherBoots(file.set(), boot).claims.values()],
    );
  const find = (resource: Resource) => live().find((claim) => resourceKey(claim) === resourceKey(resource));

  const fileOf = (resource: Resource): JournalFile => {
    const broken = problem();
    if (broken !== undefined) throw broken;
    if (isLasting(resource.kind)) return lasting;
    if (bootLived !== undefined) return bootLived;
    throw new IgniteError(
      'state/claim-without-slot',
      `The VM ${uid} claims ${resource.kind} ${resource.name} before it has a slot`,
    );
  };

  const write = (k: 'claim' | 'made' | 'gone', resource: Resource, data: Claim['data']) => {
    const line: NewLine = {
      boot,
      op: op(),
      k,
      res: resource.kind,
      name: resource.name,
      ...(data === undefined ? {} : { d: data }),
    };
    return fileOf(resource).append(line, k === 'claim');
  };

  const finish = async (line: NewLine) => {
    const shrinks = (file: JournalFile) => line.k === 'done' || file.bytes() > LONG_BYTES;
    if (shrinks(lasting)) await lasting.compact(op());
    else await lasting.append(line, true);
    if (bootLived !== undefined && shrinks(bootLived)) await bootLived.compact(NO_OPERATION);
  };

  return {
    uid,
    get problem() {
      return problem();
    },
    pending,
    live,
    claim: (resource, data) =>
      queue(async () => {
        if (!isKnown(find(resource), data)) await write('claim', resource, data);
      }),
    made: (resource, data) =>
      queue(async () => {
        const known = find(resource);
        if (known?.made !== true || !isKnown(known, data)) await write('made', resource, data);
      }),
    gone: (resource) =>
      queue(async () => {
        if (find(resource) !== undefined) await write('gone', resource, undefined);
      }),
    begin: (operation: Operation) =>
      queue(() => {
        const line: NewLine = {
          boot,
          op: operation.op,
          k: 'begin',
          verb: operation.verb,
          gen: operation.generation,
        };
        // Nothing that follows makes the begin of an rm lasting before something is deleted.
        return lasting.append(line, operation.verb === 'rm');
      }),
    done: () => queue(() => finish({ boot, op: op(), k: 'done' })),
    failed: (error) => queue(() => finish({ boot, op: op(), k: 'failed', err: error })),
    bindSlot: (slot) =>
      queue(async () => {
        const path = places.bootLived(slot);
        if (bootLived?.path !== path) bootLived = await openJournalFile(path, clock, false, places.points);
      }),
  };
}

/** Whether a claim says already what a new line would say. */
function isKnown(claim: Claim | undefined, data: Claim['data']): boolean {
  return claim !== undefined && (data === undefined || isDeepStrictEqual(claim.data, data));
}
