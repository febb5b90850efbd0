// The VMs of this engine by UID: records as stored, and what is held in memory of each. Names and addresses are reserved
// here, in one place, so that two creations at once never get the same.
import { IgniteError } from '@ignite/api';
import { type MatchRule, matchObject } from '@ignite/api/names';
import type { LiveVm } from './live-vm.ts';
import type { TakenNic } from '../network/index.ts';
import { type BrokenObject, uidFolder } from '../state/index.ts';
import type { Unmanaged } from './recover/unmanaged.ts';
import type { VmRecord } from '@ignite/api';

export interface VmTable {
  all(): readonly LiveVm[];
  broken(): readonly BrokenObject[];
  /** VMs that run without a record; one that ends is gone from here. */
  unmanaged(): readonly Unmanaged[];
  /** It has a record now. */
  managed(uid: string): void;
  byUid(uid: string): LiveVm | undefined;
  /** @throws IgniteError `vm/not-found`, `vm/broken`, `vm/unmanaged`, `api/ambiguous` */
  resolve(word: string, rule?: MatchRule): LiveVm;
  add(vm: LiveVm): void;
  drop(uid: string): void;
  /** Names of VMs that are made or being made. */
  names(): readonly string[];
  /**
   * Holds a name and a UID for a VM that is being made, until disposed.
   * @throws IgniteError `vm/name-taken`; `vm/broken`, `vm/unmanaged` where the UID is of one without a record
   */
  reserve(name: string, uid: string): Reservation;
  /** Ends the making of a VM of this name or UID, and settles when it is undone, or made after all. */
  cancelCreation(word: string): Promise<void>;
  /** Settles when every VM that is being made now is made, or undone. */
  settled(): Promise<void>;
  /** NICs of VMs that are made or being made: their addresses and ports are taken. */
  takenNics(): readonly TakenNic[];
}

export interface Reservation extends Disposable {
  /** Announces the choices, so that no other creation makes the same ones while the disk is being made. */
  bind(bound: VmRecord['bound']): void;
  /** Aborted when the VM is not wanted any more. */
  readonly signal: AbortSignal;
}

interface Reserved {
  readonly name: string;
  readonly uid: string;
  readonly unwanted: AbortController;
  readonly settled: PromiseWithResolvers<void>;
  bound?: VmRecord['bound'];
}

/**
 * @param broken objects whose records cannot be read; their names are taken, and nothing else is known
 * @param strangers VMs that run without a record; their names, addresses and ports are taken
 */
export function createVmTable(
  vms: readonly LiveVm[],
  broken: () => readonly BrokenObject[],
  strangers: readonly Unmanaged[] = [],
): VmTable {
  const table = new Map(vms.map((vm) => [vm.record.metadata.uid, vm]));
  const reserved = new Set<Reserved>();
  const unmanaged = new Map(strangers.map((one) => [one.uid, one]));
  for (const { uid, handle } of strangers) void handle.ended.finally(() => unmanaged.delete(uid));
  const strange = () => [...unmanaged.values()].flatMap(({ vm }) => (vm === undefined ? [] : [vm.record]));

  return {
    all: () => [...table.values()],
    broken,
    unmanaged: () => [...unmanaged.values()],
    managed: (uid) => void unmanaged.delete(uid),
    byUid: (uid) => table.get(uid),
    resolve: (word, rule) => {
      const named = [...table.values()].map((vm) => ({ ...vm.record.metadata, vm }));
      const found = matchObject(named, word, rule);
      if (found !== undefined) return found.vm;
      const unreadable = broken().find((one) => one.folder === word);
      if (unreadable !== undefined)
        throw new IgniteError('vm/broken', `The VM ${word} is broken`, { cause: unreadable.problem });
      if ([...unmanaged.values()].some(({ uid, vm }) => uid === word || vm?.record.metadata.name === word))
        throw new IgniteError('vm/unmanaged', `The VM ${word} runs, but has no record`);
      throw new IgniteError('vm/not-found', `There is no VM "${word}"`);
    },
    add: (vm) => void table.set(vm.record.metadata.uid, vm),
    drop: (uid) => void table.delete(uid),
    names: () => [
      ...[...table.values()].map((vm) => vm.record.metadata.name),
      ...[...reserved].map(({ name }) => name),
      ...strange().map(({ metadata }) => metadata.name),
    ],
    reserve: (name, uid) => {
      const owners = [...[...table.values()].map((vm) => vm.record), ...strange()].map(
        ({ metadata }) => metadata,
      );
      const holder = [...owners, ...reserved].find((one) => one.name === name || one.uid === uid);
      if (holder !== undefined) throw taken(name, uid, holder);
      // What cannot be read is not replaced: its disk is there.
      if (broken().some(({ folder }) => folder === uidFolder(uid)))
        throw new IgniteError('vm/broken', `The VM ${uid} is there already, and is broken`);
      if (unmanaged.has(uid)) throw new IgniteError('vm/unmanaged', `The VM ${uid} runs, but has no record`);
      const unwanted = new AbortController();
      const reservation: Reserved = { name, uid, unwanted, settled: Promise.withResolvers<void>() };
      reserved.add(reservation);
      return {
        signal: unwanted.signal,
        bind: (bound) => {
          reservation.bound = bound;
        },
        [Symbol.dispose]: () => {
          reserved.delete(reservation);
          reservation.settled.resolve();
        },
      };
    },
    cancelCreation: async (word) => {
      const making = [...reserved].find(({ name, uid }) => name === word || uid === word);
      making?.unwanted.abort(
        new IgniteError('host/cancelled', `The VM ${making.name} was removed meanwhile`),
      );
      await making?.settled.promise;
    },
    settled: async () => void (await Promise.all([...reserved].map(({ settled }) => settled.promise))),
    takenNics: () => [
      ...[...table.values()].flatMap(({ record }) => nicsOf(record.metadata.name, record.bound)),
      ...strange().flatMap((record) => nicsOf(record.metadata.name, record.bound)),
      ...[...reserved].flatMap(({ name, bound }) => (bound === undefined ? [] : nicsOf(name, bound))),
    ],
  };
}

function nicsOf(vmName: string, bound: VmRecord['bound']): TakenNic[] {
  return bound.nics.map((nic) => ({ ...nic, vmName }));
}

function taken(
  name: string,
  uid: string,
  holder: { readonly name: string; readonly uid: string },
): IgniteError {
  const what =
    holder.name === name
      ? `The name ${name} belongs to the VM ${holder.uid}`
      : `The UID ${uid} belongs to the VM ${holder.name}`;
  return new IgniteError('vm/name-taken', what);
}
