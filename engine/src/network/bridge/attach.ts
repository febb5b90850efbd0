// One NIC on its network: claimed, made, verified; removed, verified. Every step may run again.
import { basename } from 'node:path';
import type { Claims, Resource } from '../../state/port.ts';
import { refuseHeldPorts } from '../held-ports.ts';
import { tapName } from '../names.ts';
import type { NetworkParts } from './options.ts';
import { relayOf, removeRelay } from './relay.ts';
import type { AttachContext, BridgeNic, NicPlace, TapNic } from '../port.ts';
import { explained, isRefusal } from '../refusals.ts';
import { addRules, clearOldPorts } from './rules.ts';
import { removeNic, removeUnseen } from './remove-nic.ts';
import { leftOver, lookAtNic, verdictOf } from './sight.ts';
import { ensureTap, makeTap } from './tap.ts';

/** Makes the network itself, if that turns out to be needed. */
interface Mending {
  /** Begun in parallel with the attach; absent where the network was seen complete. */
  readonly alongside: (() => Promise<void>) | undefined;
  readonly mend: () => Promise<void>;
}

const MOST_REMOVALS = 3;

/** Makes tap and rules as bound. */
export async function attachNic(
  parts: NetworkParts,
  nic: BridgeNic,
  context: AttachContext,
  { alongside, mend }: Mending,
): Promise<TapNic> {
  for (const resource of resourcesOf(parts, nic, context)) await context.claims.claim(resource);
  await refuseHeldPorts(parts.commands, nic.ports, context, parts.names.table);
  const quick = await attachQuickly(parts, nic, context, alongside?.());
  if (!quick && !(await isAttached(parts, nic, context))) {
    await mend();
    await attachSlowly(parts, nic, context);
  }
  for (const resource of resourcesOf(parts, nic, context)) await context.claims.made(resource);
  return placeOf(parts, nic, context);
}

/** Removes tap and rules of the NIC. @throws IgniteError `network/left-over` */
export async function detachNic(parts: NetworkParts, nic: BridgeNic, context: AttachContext): Promise<void> {
  const relay = relayOf(parts, context);
  if (relay !== undefined) await removeRelay(parts.commands, relay, context.signal);
  // Entries of ports are removed as they are seen; without, what there may be is known, and one look after it is enough.
  if (nic.ports.length === 0) await removeUnseen(parts, nic, context);
  await removeAllOf(parts, nic, context);
  await markGone(context.claims, resourcesOf(parts, nic, context));
}

/** Somebody else may remove some of it after a look: a script about that is refused as a whole, and it is looked again. */
async function removeAllOf(
  parts: NetworkParts,
  nic: BridgeNic,
  context: AttachContext,
  attempts = MOST_REMOVALS,
): Promise<void> {
  const sight = await lookAtNic(parts, nic, context);
  if (verdictOf(sight, nic) === 'absent') return;
  if (attempts === 0) throw leftOver(sight, nic, tapName(parts.ordinal, context.slot, context.nic));
  try {
    await removeNic(parts, nic, context, sight);
  } catch (error) {
    if (attempts === 1 || !isRefusal(error)) throw error;
  }
  await removeAllOf(parts, nic, context, attempts - 1);
}

/** Where the NIC's tap is; it follows from the names alone. */
export function placeOf(parts: NetworkParts, nic: BridgeNic, place: NicPlace): TapNic {
  const relay = relayOf(parts, place);
  if (relay !== undefined) return { kind: 'tap', netns: relay.netns, tap: relay.tap, bound: nic };
  const tap = tapName(parts.ordinal, place.slot, place.nic);
  return { kind: 'tap', netns: parts.names.netnsPath, tap, bound: nic };
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

async function markGone(claims: Claims, resources: readonly Resource[]): Promise<void> {
  const live = claims.live();
  for (const { kind, name } of resources)
    if (live.some((claim) => claim.kind === kind && claim.name === name)) await claims.gone({ kind, name });
}

/** What of the host belongs to one NIC: the names under which the VM's journal has it. */
function resourcesOf(parts: NetworkParts, nic: BridgeNic, place: NicPlace): readonly Resource[] {
  const { names, ordinal } = parts;
  const relay = relayOf(parts, place);
  return [
    ...(relay === undefined ? [] : [{ kind: 'tap' as const, name: `${basename(relay.netns)}/${relay.tap}` }]),
    { kind: 'tap', name: `${names.netns}/${tapName(ordinal, place.slot, place.nic)}` },
    { kind: 'rules', name: `${names.table}/${nic.address}` },
  ];
}
