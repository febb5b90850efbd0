// Switches of the kernel: our veth forwards and may carry 127/8 from the host; the host's other interfaces forward
// only as far as our VMs need it. What was off before is written down and put back.
import type { Commands } from '../../host/index.ts';
import { addressedInterfaces } from '../host-look.ts';

const CONF = '/proc/sys/net/ipv4/conf';
const GLOBAL = '/proc/sys/net/ipv4/ip_forward';

/** Interfaces with an IPv4 address that do not forward now, our own links left out. */
export async function closedInterfaces(
  commands: Commands,
  isOurs: (link: string) => boolean,
): Promise<readonly string[]> {
  const names = (await addressedInterfaces(commands)).map(({ name }) => name).filter((name) => !isOurs(name));
  if (names.length === 0) return [];
  const { stdout } = await commands.run(['grep', '-H', '0', ...names.map(forwardingOf)], {
    okCodes: [0, 1, 2],
  });
  return names.filter((name) => stdout.includes(`${forwardingOf(name)}:0`));
}

/** Whether the host as a whole forwards: then somebody else decided so, or will have to undo it. */
export async function hostForwards(commands: Commands): Promise<boolean> {
  return (await commands.run(['cat', GLOBAL])).stdout.trim() === '1';
}

/** Turns forwarding on for our link and the given interfaces; one that went away meanwhile is passed over. */
export async function openForwarding(
  commands: Commands,
  ownLink: string,
  interfaces: readonly string[],
): Promise<void> {
  await write(commands, '1', [forwardingOf(ownLink), `${CONF}/${ownLink}/route_localnet`]);
  await write(commands, '1', interfaces.map(forwardingOf), [0, 1]);
  // Services of the host that listen on IPv6 must not hear guests; without IPv6 in the kernel there is no switch.
  await write(commands, '1', [`/proc/sys/net/ipv6/conf/${ownLink}/disable_ipv6`], [0, 1]);
}

/** Turns forwarding off again for the given interfaces. */
export async function closeForwarding(commands: Commands, interfaces: readonly string[]): Promise<void> {
  await write(commands, '0', interfaces.map(forwardingOf), [0, 1]);
}

function forwardingOf(name: string): string {
  return `${CONF}/${name}/forwarding`;
}

async function write(
  commands: Commands,
  value: string,
  paths: readonly string[],
  okCodes: readonly number[] = [0],
): Promise<void> {
  if (paths.length > 0) await commands.run(['tee', ...paths], { input: value, okCodes });
}
