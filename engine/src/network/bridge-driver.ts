// The `bridge` driver: one network of the engine, as the port describes it (DESIGN D7).
import { IgniteError } from '@ignite/api';
import { findProgram, createQueue } from '../host/index.ts';
import type { Claims, Resource } from '../state/port.ts';
import { bindFacts, chooseNic } from './bind.ts';
import { ensureAccepts } from './foreign-accepts.ts';
import { tapName } from './names.ts';
import { type NetworkOptions, type NetworkParts, networkParts } from './options.ts';
import type { AttachContext, BindRequest, BridgeNic, Network, PresentNic, TakenNic, TapNic } from './port.ts';
import { explained, isRefusal } from './refusals.ts';
import { refuseHeldPorts } from './held-ports.ts';
import { addRules, clearOldPorts } from './rules.ts';
import { leftOver, lookAtNic, removeNic, verdictOf } from './sight.ts';
import { ensureTap, makeTap } from './tap.ts';
import {
  ensureNetwork,
  hasDrifted,
  loadOrMakeRecord,
  type MadeFor,
  rebuildNetwork,
  removeNetwork,
} from './whole.ts';

/** What this process knows of the network as a whole: when to look again, never whether something is there. */
interface Whole {
  /** How often it was made or mended. */
  mended: number;
  madeFor: MadeFor | undefined;
  /** Monotonic milliseconds. */
  lookedAt: number;
  /** The look that was begun beside an attach. */
  beside: Promise<void>;
}

/** How often `attach` looks at the network as a whole. */
const LOOK_EVERY_MS = 2_000;

/** Without these there is no network; where `nft` or `ip` is missing nothing is begun. */
const PROGRAMS: readonly string[] = ['ip', 'nft'];

/** What the bridge alone offers: `Network` for its own NICs. */
export interface BridgeNetwork extends Pick<Network, 'look' | 'removeAll'> {
  bind(
    request: Omit<BindRequest, 'mode' | 'hostLoopback'>,
    taken: readonly TakenNic[],
    signal: AbortSignal,
  ): Promise<BridgeNic>;
  attach(nic: BridgeNic, context: AttachContext): Promise<TapNic>;
  placeOf(nic: BridgeNic, slot: number): TapNic;
  detach(nic: BridgeNic, context: AttachContext): Promise<void>;
  observe(
    nic: BridgeNic,
    context: Pick<AttachContext, 'slot' | 'vmUid'>,
    signal: AbortSignal,
  ): Promise<'attached' | 'partial' | 'absent'>;
  rebuild(nics: readonly PresentNic<BridgeNic>[], signal: AbortSignal): Promise<void>;
}

/** The network of one engine. Nothing is touched before the first `bind`. */
export function createNetwork(options: NetworkOptions): BridgeNetwork {
  const parts = networkParts(options);
  const queue = createQueue();
  const whole: Whole = {
    mended: 0,
    madeFor: undefined,
    lookedAt: Number.NEGATIVE_INFINITY,
    beside: Promise.resolve(),
  };
  const done = (madeFor: MadeFor) => {
    whole.mended += 1;
    whole.madeFor = madeFor;
    whole.lookedAt = parts.clock.monotonicMs();
  };

  /** Makes or mends the network unless that was done since `seen`. */
  const mendSince = (seen: number) =>
    queue(async () => {
      if (whole.mended === seen) done(await ensureNetwork(parts));
    });
  const look = async () => {
    const seen = whole.mended;
    whole.lookedAt = parts.clock.monotonicMs();
    const [drifted] = await Promise.all([
      hasDrifted(parts, whole.madeFor),
      ensureAccepts(parts.commands, parts.names),
    ]);
    if (drifted) await mendSince(seen);
  };
  const lookNowAndThen = async () => {
    if (parts.clock.monotonicMs() - whole.lookedAt >= LOOK_EVERY_MS) await look();
  };

  return {
    bind: async (request, taken, signal) => {
      await requirePrograms();
      const record = await queue(() => loadOrMakeRecord(parts));
      return chooseNic(request, taken, await bindFacts(parts, record, request, signal));
    },
    attach: async (nic, context) => {
      await claimAll(parts, nic, context);
      await refuseHeldPorts(parts.commands, nic.ports, context.signal);
      const seen = whole.mended;
      const unknown = whole.madeFor === undefined;
      const quick = attachQuickly(parts, nic, context, unknown ? lookNowAndThen() : undefined);
      if ((await quick) || (await isAttached(parts, nic, context))) {
        // A network that this process has seen whole is not waited for; what fails is told by the caller's next look.
        whole.beside = lookNowAndThen().catch(() => {});
      } else {
        await mendSince(seen);
        await attachSlowly(parts, nic, context);
      }
      for (const resource of resourcesOf(parts, nic, context)) await context.claims.made(resource);
      return placeOf(parts, nic, context.slot);
    },
    placeOf: (nic, slot) => placeOf(parts, nic, slot),
    detach: (nic, context) => detach(parts, nic, context),
    observe: async (nic, context, signal) =>
      verdictOf(await lookAtNic(parts, nic, { ...context, signal }), nic),
    look: async (signal) => {
      signal.throwIfAborted();
      if (whole.madeFor !== undefined) await look();
    },
    rebuild: (nics, signal) =>
      queue(async () => {
        signal.throwIfAborted();
        done(await rebuildNetwork(parts, nics));
      }),
    removeAll: async (signal) => {
      await whole.beside; // it may be about to put something in
      await queue(async () => {
        signal.throwIfAborted();
        await removeNetwork(parts);
        whole.madeFor = undefined;
      });
    },
  };
}

/** The common case, everything at once and nothing looked at before. False where some of it was refused. */
async function attachQuickly(
  parts: NetworkParts,
  nic: BridgeNic,
  context: AttachContext,
  alongside: Promise<void> | undefined,
): Promise<boolean> {
  const done = await Promise.allSettled([
    makeTap(parts, nic, context),
    addRules(parts, nic, context),
    alongside,
  ]);
  const failures = done.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const fatal = failures.find((failure) => !isRefusal(failure));
  if (fatal !== undefined) throw fatal;
  return failures.length === 0;
}

async function isAttached(parts: NetworkParts, nic: BridgeNic, context: AttachContext): Promise<boolean> {
  return verdictOf(await lookAtNic(parts, nic, context), nic) === 'attached';
}

async function attachSlowly(parts: NetworkParts, nic: BridgeNic, context: AttachContext): Promise<void> {
  try {
    await clearOldPorts(parts, nic, context.signal);
    await ensureTap(parts, nic, context);
    await addRules(parts, nic, context);
  } catch (cause) {
    throw explained(cause, `The network interface of VM ${context.vmName}`);
  }
}

async function claimAll(parts: NetworkParts, nic: BridgeNic, context: AttachContext): Promise<void> {
  for (const resource of resourcesOf(parts, nic, context)) await context.claims.claim(resource);
}

function placeOf(parts: NetworkParts, nic: BridgeNic, slot: number): TapNic {
  return { kind: 'tap', netns: parts.names.netnsPath, tap: tapName(parts.ordinal, slot), bound: nic };
}

async function detach(parts: NetworkParts, nic: BridgeNic, context: AttachContext): Promise<void> {
  const before = await lookAtNic(parts, nic, context);
  if (verdictOf(before, nic) !== 'absent') {
    await removeNic(parts, nic, context, before);
    const after = await lookAtNic(parts, nic, context);
    if (verdictOf(after, nic) !== 'absent') throw leftOver(after, nic, tapName(parts.ordinal, context.slot));
  }
  await markGone(context.claims, resourcesOf(parts, nic, context));
}

async function markGone(claims: Claims, resources: readonly Resource[]): Promise<void> {
  const live = claims.live();
  for (const { kind, name } of resources)
    if (live.some((claim) => claim.kind === kind && claim.name === name)) await claims.gone({ kind, name });
}

/** What of the host belongs to one NIC: the names under which the VM's journal has it. */
function resourcesOf(
  parts: NetworkParts,
  nic: BridgeNic,
  context: Pick<AttachContext, 'slot'>,
): readonly Resource[] {
  const { names, ordinal } = parts;
  return [
    { kind: 'tap', name: `${names.netns}/${tapName(ordinal, context.slot)}` },
    { kind: 'rules', name: `${names.table}/${nic.address}` },
  ];
}

/** Said before anything is made: what is made without them could not be removed without them either. */
async function requirePrograms(): Promise<void> {
  for (const name of PROGRAMS) {
    if ((await findProgram(name)) === undefined)
      throw new IgniteError('host/program-missing', `The program ${name} is not installed; networks need it`);
  }
}
