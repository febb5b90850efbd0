// The `bridge` driver: the networks of the engine, as the port describes them (DESIGN D7).
import { createQueue } from '../../host/index.ts';
import { attachNic, detachNic, placeOf } from './attach.ts';
import { bindFacts, chooseNic } from './bind.ts';
import { createBook, type NetworkBook } from './book.ts';
import { keepNames } from './keep-names.ts';
import { checkNic } from './check.ts';
import { deniedOf } from './denied.ts';
import { hasDrifted, isDamaged, type MadeFor } from './drift.ts';
import { ensureAccepts } from '../foreign-accepts.ts';
import { type NetworkOptions, networkParts } from './options.ts';
import { requirePrograms } from './programs.ts';
import type {
  AttachContext,
  BindRequest,
  BridgeNic,
  CheckOptions,
  Network,
  NicPlace,
  PresentNic,
  TakenNic,
  TapNic,
} from '../port.ts';
import { createPresence } from './presence.ts';
import { indexOf, loadRecords } from './record.ts';
import { lookAtNic, verdictOf } from './sight.ts';
import { makeNetworks, removeNetwork } from './whole.ts';

/** What this process knows of the networks as a whole: when to look again, never whether something is there. */
interface Whole {
  /** How often each network was made or repaired, by number; a network that is not in it was not made by this process. */
  readonly mended: Map<number, number>;
  madeFor: MadeFor | undefined;
  /** Monotonic milliseconds. */
  lookedAt: number;
  /** The last look that `refresh` began. */
  refreshing: Promise<void>;
}

/** How often `refresh` looks at the networks as a whole. */
const LOOK_EVERY_MS = 2_000;

/** What the bridge alone offers: `Network` for its own NICs. */
export interface BridgeNetwork extends Pick<Network, 'removeAll' | 'list' | 'create' | 'remove'> {
  bind(
    request: Omit<BindRequest, 'mode' | 'hostLoopback'>,
    taken: readonly TakenNic[],
    signal: AbortSignal,
  ): Promise<BridgeNic>;
  attach(nic: BridgeNic, context: AttachContext): Promise<TapNic>;
  placeOf(nic: BridgeNic, place: NicPlace): TapNic;
  detach(nic: BridgeNic, context: AttachContext): Promise<void>;
  observe(nic: BridgeNic, place: NicPlace, signal: AbortSignal): Promise<'attached' | 'partial' | 'absent'>;
  check: (nic: BridgeNic, place: NicPlace, options: CheckOptions) => ReturnType<Network['check']>;
  denied(nic: BridgeNic, signal: AbortSignal): ReturnType<Network['denied']>;
  rename(nic: BridgeNic, vmName: string): void;
  refresh(): void;
  look(nics: () => readonly PresentNic<BridgeNic>[], signal: AbortSignal): Promise<void>;
  rebuild(nics: () => readonly PresentNic<BridgeNic>[], signal: AbortSignal): Promise<void>;
}

/** The networks of one engine. Nothing is touched before the first `bind`. */
export function createNetwork(options: NetworkOptions): BridgeNetwork {
  const queue = createQueue();
  const whole: Whole = {
    mended: new Map(),
    madeFor: undefined,
    lookedAt: Number.NEGATIVE_INFINITY,
    refreshing: Promise.resolve(),
  };
  const live = () => [...whole.mended.keys()];
  const names = keepNames(options, live);
  const presence = createPresence();
  const timesMended = (index: number) => whole.mended.get(index) ?? 0;

  /** Makes or repairs networks; to be called in the queue. */
  const make = async (indexes: readonly number[], nics?: readonly PresentNic<BridgeNic>[]) => {
    if (indexes.length === 0) return; // all were removed meanwhile
    whole.madeFor = await makeNetworks(options, { make: indexes, live: live() }, nics);
    whole.lookedAt = options.clock.monotonicMs();
    for (const index of indexes) whole.mended.set(index, timesMended(index) + 1);
    if (nics !== undefined) names.replace(nics);
    await names.listen();
  };
  const replace = (indexes: () => readonly number[], nics: () => readonly PresentNic<BridgeNic>[]) =>
    queue(() => presence.replace(nics, (here) => make(indexes(), here)));
  /** Makes or repairs a network unless that was done since `seen`. */
  const mendSince = (index: number, seen: number) =>
    queue(async () => {
      if (timesMended(index) === seen) await make([index]);
    });
  const drifted = async () => {
    const { madeFor } = whole;
    whole.lookedAt = options.clock.monotonicMs();
    const [changed] = await Promise.all([
      madeFor !== undefined && hasDrifted(options, madeFor),
      // In the queue: two at once would insert everything twice, and one during a removal would insert what is being removed.
      queue(() =>
        ensureAccepts(
          options.commands,
          live().map((index) => networkParts(options, index).names),
        ),
      ),
    ]);
    return changed;
  };
  const lookNowAndThen = async () => {
    if (options.clock.monotonicMs() - whole.lookedAt < LOOK_EVERY_MS) return;
    if (await drifted()) await queue(() => make(live()));
  };
  const forget = async (index: number) => {
    whole.mended.delete(index);
    await names.listen();
    await removeNetwork(networkParts(options, index), live());
  };

  return {
    ...bookOperations(createBook(options), queue, forget),
    bind: async (request, taken, signal) => {
      await requirePrograms();
      const record = await queue(() => createBook(options).find(request.network));
      return chooseNic(request, taken, await bindFacts(networkParts(options), record, request, signal));
    },
    attach: async (nic, context) => {
      const index = nic.networkIndex ?? 0;
      const seen = timesMended(index);
      const mend = () => mendSince(index, seen);
      names.add(nic, context);
      await presence.comes(nic);
      return await attachNic(networkParts(options, index), nic, context, {
        // The first attach of this process does not trust what it finds.
        alongside: seen === 0 ? mend : undefined,
        mend,
      });
    },
    rename: names.rename,
    refresh: () => {
      // A failure is reported by the caller's next look.
      whole.refreshing = whole.refreshing.then(lookNowAndThen).catch(() => {});
    },
    placeOf: (nic, place) => placeOf(networkParts(options, nic.networkIndex), nic, place),
    detach: async (nic, context) => {
      names.remove(nic);
      await presence.goes(nic);
      await detachNic(networkParts(options, nic.networkIndex), nic, context);
    },
    observe: async (nic, place, signal) =>
      verdictOf(await lookAtNic(networkParts(options, nic.networkIndex), nic, { ...place, signal }), nic),
    check: (nic, place, how) => checkNic(networkParts(options, nic.networkIndex), nic, place, how),
    denied: (nic, signal) => deniedOf(networkParts(options, nic.networkIndex), nic, signal),
    look: async (nics, signal) => {
      signal.throwIfAborted();
      if (live().length === 0) return;
      names.replace(presence.here(nics()));
      await names.listen(); // where a socket could not be had before
      if (await isDamaged(options, live())) await replace(live, nics);
      else if (await drifted()) await queue(() => make(live()));
    },
    rebuild: async (nics, signal) => {
      signal.throwIfAborted();
      const indexes = () => nics().map(({ nic }) => nic.networkIndex ?? 0);
      const all = () => [...new Set([...live(), ...(indexes().length === 0 ? [0] : indexes())])];
      await replace(all, nics);
    },
    removeAll: async (signal) => {
      await whole.refreshing; // it may be about to put something in
      await queue(async () => {
        signal.throwIfAborted();
        whole.mended.clear();
        await names.listen();
        await removeAll(options, whole);
      });
    },
  };
}

/** Records of networks that were made stay: they are the user's. */
async function removeAll(options: NetworkOptions, whole: Whole): Promise<void> {
  const records = await loadRecords(options.store);
  const indexes = [...new Set([0, ...records.map(indexOf)])];
  for (const [position, index] of indexes.entries())
    await removeNetwork(networkParts(options, index), indexes.slice(position + 1));
  for (const record of records) if (indexOf(record) === 0) await options.store.remove(record);
  whole.mended.clear();
  whole.madeFor = undefined;
}

function bookOperations(
  book: NetworkBook,
  queue: <T>(work: () => Promise<T>) => Promise<T>,
  forget: (index: number) => Promise<void>,
): Pick<BridgeNetwork, 'list' | 'create' | 'remove'> {
  return {
    list: () => book.list(),
    create: (request) => queue(() => book.create(request)),
    remove: (name) => queue(() => book.remove(name, forget)),
  };
}
