// Checks the path from a guest to the Internet hop by hop, and says which hop is broken and what to do. Changes nothing but
// the host's neighbour entry of the guest, which is dropped and asked for again.
import { closedInterfaces, hostForwards } from './forwarding.ts';
import { acceptsToAdd } from '../foreign-firewall.ts';
import { parseRows, textOf } from '../host-look.ts';
import { runInside } from './inside.ts';
import { BRIDGE, isNetworkLink, tapName, UPLINK } from '../names.ts';
import type { NetworkParts } from './options.ts';
import { canAnswerItself } from './own-resolver.ts';
import type { BridgeNic, CheckedHop, CheckOptions, NicPlace } from '../port.ts';
import { hostResolvers } from '../resolvers.ts';
import { lookAtNic } from './sight.ts';

/** How long a guest may take to answer ARP, and how often it is asked meanwhile. */
const GUEST_MS = 3_000;
const ASK_AGAIN_MS = 100;

type Hop = Omit<CheckedHop, 'hop'>;

const MEND = 'The daemon mends it at its next look, within 10 s; else: `ignite restart VM`.';
const ok = (found: string): Hop => ({ ok: true, found });
const broken = (found: string, hint: string): Hop => ({ ok: false, found, hint });

/** The hops of one NIC, beginning at the guest. All are checked: the first broken one is the cause. */
export async function checkNic(
  parts: NetworkParts,
  nic: BridgeNic,
  place: NicPlace,
  { target, signal }: CheckOptions,
): Promise<readonly CheckedHop[]> {
  const hops: readonly (readonly [string, Promise<Hop>])[] = [
    ['guest', checkGuest(parts, nic, signal)],
    ['tap', checkTap(parts, nic, place, signal)],
    ['bridge', checkBridge(parts, signal)],
    ['host interface', checkLink(parts, nic, signal)],
    ['rules', checkRules(parts, nic, place, signal)],
    ['forwarding', checkForwarding(parts)],
    ["others' firewalls", checkFirewalls(parts, signal)],
    ['way out', checkWayOut(parts, signal)],
    ['resolver', checkResolver(parts)],
    ['internet', checkInternet(parts, target, signal)],
  ];
  return Promise.all(hops.map(async ([hop, found]) => ({ hop, ...(await found) })));
}

/** Whether the guest answers ARP: sending it a datagram makes the host ask. */
async function checkGuest(
  { commands, clock, names }: NetworkParts,
  nic: BridgeNic,
  signal: AbortSignal,
): Promise<Hop> {
  const show = ['ip', 'neighbour', 'show', nic.address, 'dev', names.link] as const;
  const ask = ['bash', '-c', 'echo > /dev/udp/$0/9', nic.address] as const;
  const forget = ['ip', 'neighbour', 'flush', 'to', nic.address, 'dev', names.link] as const;
  await commands.run(forget, { signal, okCodes: [0, 1, 255] });
  const until = clock.monotonicMs() + GUEST_MS;
  for (;;) {
    await commands.run(ask, { signal, okCodes: [0, 1, 127] });
    const { stdout } = await commands.run(show, { signal, okCodes: [0, 1, 255] });
    if (stdout.includes(nic.mac) && !/FAILED|INCOMPLETE/.test(stdout))
      return ok(`${nic.address} answers at ${nic.mac}`);
    if (clock.monotonicMs() > until) break;
    await clock.sleep(ASK_AGAIN_MS, signal);
  }
  return broken(
    `nobody answers for ${nic.address}`,
    'Look inside: `ignite exec VM ip addr` must show the address; what the image runs may have taken it away.',
  );
}

/** Whether the host itself can connect to the Internet: guests take the same way. */
async function checkInternet(
  { commands, readText }: NetworkParts,
  target: string | undefined,
  signal: AbortSignal,
): Promise<Hop> {
  const [resolver] = await hostResolvers(readText);
  const [host = resolver, port = '53'] = target?.split(':') ?? [];
  if (host === undefined)
    return broken(
      'there is no address to try',
      'Name one: `ignite network check --target 203.0.113.7:443 VM`.',
    );
  const connect = ['timeout', '10', 'bash', '-c', '< /dev/tcp/$0/$1', host, port] as const;
  const { code, stderr } = await commands.run(connect, { signal, okCodes: [0, 1, 124, 127] });
  // Somebody who refuses is there.
  if (code === 0 || /refused/i.test(stderr)) return ok(`${host}:${port} is reached`);
  return broken(
    `${host}:${port} is not reached from the host either`,
    'Look at the host: `ip -4 route get ADDRESS`, cables, VPN, its own firewall.',
  );
}

async function checkTap(
  parts: NetworkParts,
  nic: BridgeNic,
  place: NicPlace,
  signal: AbortSignal,
): Promise<Hop> {
  const tap = tapName(parts.ordinal, place.slot, place.nic);
  const { stdout } = await runInside(parts, ['ip', '-j', '-s', 'link', 'show', 'dev', tap], {
    signal,
    okCodes: [0, 1, 255],
  });
  const [row] = parseRows(stdout);
  if (row === undefined) return broken(`${tap} is not there`, 'Start the VM again: `ignite restart VM`.');
  if (textOf(row, 'master') !== BRIDGE) return broken(`${tap} is not on the bridge`, MEND);
  if (textOf(row, 'operstate') === 'DOWN')
    return broken(`${tap} is down: no VMM has it open`, 'Start the VM again: `ignite restart VM`.');
  return ok(`${tap}, ${nic.mac}, ${nic.address}`);
}

async function checkBridge(parts: NetworkParts, signal: AbortSignal): Promise<Hop> {
  const argv = ['ip', '-j', 'link', 'show'] as const;
  const { code, stdout } = await runInside(parts, argv, {
    signal,
    okCodes: [0, 1, 255],
    maxOutputBytes: 16 << 20,
  });
  if (code !== 0) return broken(`the namespace ${parts.names.netns} is not there`, MEND);
  const rows = parseRows(stdout);
  const bridge = rows.find((row) => textOf(row, 'ifname') === BRIDGE);
  const uplink = rows.find((row) => textOf(row, 'ifname') === UPLINK);
  if (bridge === undefined) return broken('the bridge is not there', MEND);
  if (textOf(uplink, 'master') !== BRIDGE) return broken('the bridge has no way to the host', MEND);
  return ok(`${BRIDGE} in ${parts.names.netns}`);
}

async function checkLink(
  { commands, names }: NetworkParts,
  nic: BridgeNic,
  signal: AbortSignal,
): Promise<Hop> {
  const argv = ['ip', '-j', '-4', 'address', 'show', 'dev', names.link] as const;
  const { stdout } = await commands.run(argv, { signal, okCodes: [0, 1] });
  if (!stdout.includes(`"local":"${nic.gateway}"`))
    return broken(`${names.link} does not have the gateway's address ${nic.gateway}`, MEND);
  return ok(`${names.link} has ${nic.gateway}`);
}

async function checkRules(
  parts: NetworkParts,
  nic: BridgeNic,
  place: NicPlace,
  signal: AbortSignal,
): Promise<Hop> {
  const sight = await lookAtNic(parts, nic, { ...place, signal });
  if (!sight.vm) return broken(`the table inet ${parts.names.table} does not know ${nic.address}`, MEND);
  if (!sight.source) return broken(`the network's own table does not know ${nic.address}`, MEND);
  const argv = ['nft', 'list', 'chain', 'inet', parts.names.table, 'disguise'] as const;
  const nat = await parts.commands.run(argv, { signal, okCodes: [0, 1] });
  if (!nat.stdout.includes('masquerade')) return broken('there is no masquerading', MEND);
  return ok(`inet ${parts.names.table}: the address, its ports, masquerading`);
}

async function checkForwarding({ commands, ordinal }: NetworkParts): Promise<Hop> {
  if (await hostForwards(commands)) return ok('the host forwards');
  const closed = await closedInterfaces(commands, (link) => isNetworkLink(link, ordinal));
  return closed.length === 0
    ? ok('interfaces forward for VMs')
    : broken(`${closed.join(', ')} of the host do not forward`, MEND);
}

async function checkFirewalls({ commands, names }: NetworkParts, signal: AbortSignal): Promise<Hop> {
  for (const kind of ['iptables-nft', 'iptables-legacy'] as const) {
    const saved = await commands
      .run([`${kind}-save`], { signal, okCodes: [0, 1, 3, 4, 127], maxOutputBytes: 16 << 20 })
      .catch(() => undefined); // not installed: nobody uses it
    if (saved?.code === 0 && acceptsToAdd(saved.stdout, [names.link], names.mark) !== undefined)
      return broken(`${kind} drops what ${names.link} sends; our accepts are missing`, MEND);
  }
  return ok('nothing drops what VMs send');
}

async function checkWayOut({ commands }: NetworkParts, signal: AbortSignal): Promise<Hop> {
  const argv = ['ip', '-j', '-4', 'route', 'show', 'default'] as const;
  const [route] = parseRows((await commands.run(argv, { signal })).stdout);
  if (route === undefined)
    return broken(
      'the host has no IPv4 default route',
      'Connect the host (`ip -4 route`); VMs reach what the host reaches by IPv4.',
    );
  return ok(`the host's default route by ${textOf(route, 'dev')}`);
}

async function checkResolver({ readText, nameService, commands }: NetworkParts): Promise<Hop> {
  const resolvers = await hostResolvers(readText);
  if (resolvers.length === 0)
    return broken(
      'the host has no IPv4 resolver',
      'Name one in /etc/resolv.conf, or `ignite network create --dns`.',
    );
  const own = nameService !== undefined && (await canAnswerItself(commands));
  return ok(`${own ? 'names of VMs, then ' : ''}${resolvers.join(', ')}`);
}
