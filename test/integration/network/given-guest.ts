// A guest without a VM: a namespace on a veth in the place of the VM's tap, joined to the given interface by the very
// lines that join a tap.
import { wireLines } from '../../../engine/src/network/given/redirect.ts';
import type { Commands } from '../../../engine/src/host/index.ts';
import type { GivenNic } from '../../../engine/src/network/index.ts';

/** Puts a namespace in the place of the VM: it has the interface's MAC, address and routes, as a guest would. */
export async function becomeGuest(
  commands: Commands,
  guest: string,
  space: string,
  nic: GivenNic,
): Promise<void> {
  const [one] = nic.given ?? [];
  if (one === undefined) throw new Error('nothing was given');
  await commands.run(['ip', 'netns', 'add', guest]);
  const lines = [
    `-n ${space} link del tap0`,
    `link add tap0 netns ${space} type veth peer name eth0 netns ${guest}`,
    `-n ${space} link set dev tap0 up`,
    `-n ${guest} link set dev lo up`,
    `-n ${guest} link set dev eth0 address ${one.mac} mtu ${one.mtu} up`,
    `-n ${guest} address add ${one.address}/${one.prefixLength} dev eth0`,
    ...(one.routes ?? []).map(
      ({ to, via }) => `-n ${guest} route add ${to} ${via === undefined ? '' : `via ${via}`} dev eth0`,
    ),
    ...(one.gateway === undefined ? [] : [`-n ${guest} route add default via ${one.gateway} dev eth0`]),
  ];
  for (const line of lines) await commands.run(['ip', ...line.split(/ +/)]);
  await commands.run(['tc', '-n', space, 'qdisc', 'del', 'dev', one.name, 'ingress']);
  const input = `${wireLines(one.name, 'tap0').join('\n')}\n`;
  await commands.run(['tc', '-n', space, '-batch', '-'], { input });
}
