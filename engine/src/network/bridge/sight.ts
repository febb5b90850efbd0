// What there is of one NIC on the host, and what that means.
import { IgniteError } from '@ignite/api';
import type { RunResult } from '../../host/index.ts';
import { SOURCES } from './bridge-table.ts';
import { keysOf, type PortEntry, sourceElement, targetOf } from './elements.ts';
import { parseRows, type Row, textOf } from '../host-look.ts';
import { runInside, scriptOf } from './inside.ts';
import { BRIDGE, tapName, UPLINK } from '../names.ts';
import { POLICIES } from './policy.ts';
import type { NetworkParts } from './options.ts';
import type { AttachContext, BridgeNic } from '../port.ts';
import { VMS } from './root-table.ts';
import { leadsTo, PORT_MAPS, type PortMap, portEntries } from './rules.ts';

/** Where a NIC is looked for. */
export type SightContext = Pick<AttachContext, 'slot' | 'nic' | 'signal'>;

/** What there is of a NIC now. */
export interface NicSight {
  readonly tap: boolean;
  /** Tap and way out are up and on the bridge. */
  readonly plugged: boolean;
  readonly source: boolean;
  readonly vm: boolean;
  /** The VM has a policy of its own in the table outside, and in the one between neighbours. */
  readonly policy: boolean;
  readonly innerPolicy: boolean;
  /** Keys of the port maps that lead to this VM. */
  readonly ports: readonly { readonly map: PortMap; readonly entry: PortEntry }[];
}

/** Looks for the tap and every element of the NIC. */
export async function lookAtNic(
  parts: NetworkParts,
  nic: BridgeNic,
  context: SightContext,
): Promise<NicSight> {
  const { names, ordinal, commands } = parts;
  const tap = tapName(ordinal, context.slot, context.nic);
  const quiet = { signal: context.signal, okCodes: [0, 1, 255] };
  const source = `get element bridge ${names.table} ${SOURCES} { ${sourceElement(tap, nic)} }`;
  const vm = `get element inet ${names.table} ${VMS} { ${nic.address} }`;
  const policy = `get element inet ${names.table} ${POLICIES} { ${nic.address} }`;
  const [links, sourceFound, vmFound, policyFound, innerFound, ...maps] = await Promise.all([
    linksNow(parts, [tap, UPLINK], context.signal),
    runInside(parts, ['nft', source], quiet),
    commands.run(['nft', vm], quiet),
    commands.run(['nft', policy], quiet),
    runInside(parts, ['nft', policy], quiet),
    ...PORT_MAPS.map(async ([map]) =>
      (await portEntries(parts, nic, map, context.signal)).map((entry) => ({ map, entry })),
    ),
  ]);
  refuseDenied(links, sourceFound, vmFound);
  const rows = links.stdout.split('\n').flatMap(parseRows);
  return {
    tap: rows.some((row) => textOf(row, 'ifname') === tap),
    plugged: rows.filter(isPlugged).length === 2,
    source: sourceFound.code === 0,
    vm: vmFound.code === 0,
    policy: policyFound.code === 0,
    innerPolicy: innerFound.code === 0,
    ports: maps.flat().filter(({ entry }) => leadsTo(entry, nic)),
  };
}

/** Shows those of the named links that exist in the network's namespace, a line of JSON each. */
function linksNow(parts: NetworkParts, links: readonly string[], signal: AbortSignal): Promise<RunResult> {
  const input = scriptOf(links.map((link) => `link show dev ${link}`));
  const argv = ['ip', '-n', parts.names.netns, '-j', '-force', '-batch', '-'] as const;
  return parts.commands.run(argv, { input, signal, okCodes: [0, 1, 255] });
}

/** Without root nothing is seen, which must not be taken for nothing being there. */
function refuseDenied(...looks: readonly RunResult[]): void {
  const denied = looks.find(({ stderr }) => /not permitted|permission denied/i.test(stderr));
  if (denied !== undefined)
    throw new IgniteError('host/not-permitted', 'Looking at the network of a VM needs root', {
      details: { stderr: denied.stderr.trim().slice(0, 500) },
    });
}

function isPlugged(row: Row): boolean {
  const flags = row['flags'];
  return textOf(row, 'master') === BRIDGE && Array.isArray(flags) && flags.includes('UP');
}

/** The verdict of a look. */
export function verdictOf(sight: NicSight, nic: BridgeNic): 'attached' | 'partial' | 'absent' {
  const right = nic.ports.every((port) => {
    const target = targetOf(nic, port);
    const keys = PORT_MAPS.flatMap(([, at]) => keysOf([port], at)).map(({ key }) => key);
    return sight.ports.some(({ entry }) => keys.includes(entry.key) && entry.target === target);
  });
  if (sight.tap && sight.plugged && sight.source && sight.vm && right) return 'attached';
  return sight.tap || sight.source || sight.vm || sight.policy || sight.innerPolicy || sight.ports.length > 0
    ? 'partial'
    : 'absent';
}

/** The error for a NIC that is still there after it was removed. */
export function leftOver(sight: NicSight, nic: BridgeNic, tap: string): IgniteError {
  const what = [
    ...(sight.tap ? [`tap ${tap}`] : []),
    ...(sight.source || sight.vm ? [`rules of ${nic.address}`] : []),
    ...sight.ports.map(({ entry }) => `port ${entry.key}`),
  ];
  return new IgniteError('network/left-over', `Still there after removal: ${what.join(', ')}`, {
    details: { left: what },
  });
}
