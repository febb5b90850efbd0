// Published ports of CNI's VMs on hosts whose firewalls drop forwarded packets: the plugins redirect connections to the VM,
// but their `firewall` accepts only connections that the VM opens, so the published ones need accepts of ours.
import { ensurePortAccepts, removeMarkedAccepts } from '../foreign-accepts.ts';
import type { PublishedPort } from '../foreign-firewall.ts';
import type { Commands } from '../../host/index.ts';
import type { Space } from '../given/space.ts';
import type { CniNic } from '../port.ts';

/** A VM's NIC and the namespace whose name is its mark. */
interface Publisher {
  readonly nic: CniNic;
  readonly space: Space;
}

/** Puts the accepts in that are missing: one look at the host's rules, however many VMs. */
export async function openPublished(commands: Commands, publishers: readonly Publisher[]): Promise<void> {
  await ensurePortAccepts(commands, publishers.flatMap(publishedPorts));
}

/** Takes a VM's accepts out. */
export async function closePublished(commands: Commands, { nic, space }: Publisher): Promise<void> {
  if (nic.ports.length > 0) await removeMarkedAccepts(commands, space.name);
}

/** portmap leads to the first address that the network gave. */
function publishedPorts({ nic, space }: Publisher): readonly PublishedPort[] {
  const address = nic.given?.[0]?.address;
  if (address === undefined) return [];
  return nic.ports.map(({ vmPort, protocol }) => ({ address, protocol, port: vmPort, mark: space.name }));
}
