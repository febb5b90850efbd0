// The tap of one NIC: persistent, owned by the VM's uid, plugged into the network's bridge.
import { hostSideMac } from '../allocate.ts';
import { parseRows, type Row, rowOf, textOf } from '../host-look.ts';
import { runInside } from './inside.ts';
import { ipBatch } from '../ip-batch.ts';
import { BRIDGE, tapName, UPLINK } from '../names.ts';
import type { NetworkParts } from './options.ts';
import { makeRelay, relayOf } from './relay.ts';
import type { AttachContext, BridgeNic } from '../port.ts';

/** Makes the tap in an existing network. Fails where it, or something of its name, is there already. */
export async function makeTap(parts: NetworkParts, nic: BridgeNic, context: AttachContext): Promise<void> {
  const tap = tapName(parts.ordinal, context.slot, context.nic);
  const relay = relayOf(parts, context);
  if (relay !== undefined) {
    await makeRelay(parts, relay, tap, nic, context);
    return ipBatch(parts.commands, plugLines(tap, nic), parts.names, context.signal);
  }
  const lines = [`tuntap add dev ${tap} mode tap user ${context.uid} vnet_hdr`, ...plugLines(tap, nic)];
  await ipBatch(parts.commands, lines, parts.names, context.signal);
}

/**
 * Keeps a tap that is there and right, makes it otherwise. A link of that name that is no tap was put there on
 * purpose (tests do) and is plugged in as it is.
 */
export async function ensureTap(parts: NetworkParts, nic: BridgeNic, context: AttachContext): Promise<void> {
  const { signal } = context;
  const tap = tapName(parts.ordinal, context.slot, context.nic);
  const show = ['ip', '-j', '-d', 'link', 'show', 'dev', tap] as const;
  const row = parseRows((await runInside(parts, show, { signal, okCodes: [0, 1] })).stdout)[0];
  // A relay's two ends are made together.
  if (row === undefined || relayOf(parts, context) !== undefined) return makeTap(parts, nic, context);
  if (isTap(row) && !(await mayBeOpenedBy(parts, row, context))) {
    await ipBatch(parts.commands, [`link del dev ${tap}`], parts.names, signal);
    return makeTap(parts, nic, context);
  }
  await ipBatch(parts.commands, plugLines(tap, nic), parts.names, signal);
}

/** The last line also proves that the way out of the network is there: without it the batch fails. */
function plugLines(tap: string, nic: BridgeNic): readonly string[] {
  return [
    `link set dev ${tap} address ${hostSideMac(nic.mac)} mtu ${nic.mtu} master ${BRIDGE}`,
    `link set dev ${tap} up`,
    // The namespace asks nobody where a VM is: it routes between neighbours and knows their MACs.
    `neighbour replace ${nic.address} lladdr ${nic.mac} dev ${BRIDGE} nud permanent`,
    `link set dev ${UPLINK} up`,
  ];
}

function isTap(row: Row): boolean {
  return textOf(rowOf(row, 'linkinfo'), 'info_kind') === 'tun';
}

/** Whether the VM's uid owns the tap and it has the headers that VMMs ask for. */
async function mayBeOpenedBy(parts: NetworkParts, row: Row, context: AttachContext): Promise<boolean> {
  const data = rowOf(rowOf(row, 'linkinfo'), 'info_data');
  if (textOf(data, 'type') !== 'tap' || data?.['vnet_hdr'] !== true) return false;
  const { user } = data;
  // ip(8) prints the owner's name where the uid has one.
  if (typeof user !== 'string') return user === context.uid;
  const { signal } = context;
  const entry = await parts.commands.run(['getent', 'passwd', user], { signal, okCodes: [0, 2] });
  return entry.stdout.split(':')[2] === String(context.uid);
}
