// Beside firewalls that drop forwarded packets: iptables with FORWARD policy DROP, Docker's and ufw's chains.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { BridgeNic } from '../../../engine/src/network/index.ts';
import { ask, contextFor, FAR, HOST, isSilent, type Lab, makeLab } from './lab.ts';

const signal = AbortSignal.timeout(1_800_000);

let lab: Lab;
beforeEach(async () => {
  lab = await makeLab();
});
afterEach(async () => {
  await lab.network.removeAll(signal);
  await lab.close();
});

for (const kind of ['iptables-nft', 'iptables-legacy']) {
  test(`with policy DROP (${kind}) a guest reaches the internet and its port is reached`, async () => {
    await restore(kind, [':FORWARD DROP [0:0]']);
    const before = await lab.count();
    const { nic, guest } = await webGuest();
    await assertReachable(guest);

    // Reloaded by its owner: our accepts are lost and put back at the next look.
    await restore(kind, [':FORWARD DROP [0:0]']);
    await assertUnreachable(guest);
    await lab.network.rebuild(() => [{ nic, slot: 1, vmUid: 'uid-1' }], signal);
    await assertReachable(guest);

    await lab.network.detach(nic, contextFor(1));
    await lab.network.removeAll(signal);
    assert.equal(await lab.count(), before);
    assert.doesNotMatch((await lab.commands.run([`${kind}-save`])).stdout, /ign/);
  });
}

const DOCKER = [
  ':FORWARD DROP [0:0]',
  ':DOCKER-USER - [0:0]',
  ':DOCKER-FORWARD - [0:0]',
  '-A FORWARD -j DOCKER-USER',
  '-A FORWARD -j DOCKER-FORWARD',
  '-A DOCKER-FORWARD -i docker0 -j ACCEPT',
];
const UFW = [
  ':FORWARD DROP [0:0]',
  ':ufw-before-forward - [0:0]',
  ':ufw-user-forward - [0:0]',
  '-A FORWARD -j ufw-before-forward',
  '-A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A ufw-before-forward -j ufw-user-forward',
];

for (const [owner, rules, chain] of [
  ['Docker', DOCKER, 'DOCKER-USER'],
  ['ufw', UFW, 'ufw-user-forward'],
] as const) {
  test(`beside ${owner} the accepts are in ${chain}, once, and go again`, async () => {
    await restore('iptables-nft', rules);
    const before = await lab.count();
    const { nic, guest } = await webGuest();
    await assertReachable(guest);
    await lab.network.rebuild(() => [{ nic, slot: 1, vmUid: 'uid-1' }], signal);
    const { stdout } = await lab.commands.run(['iptables-nft', '-S', chain]);
    assert.equal(stdout.match(/-j ACCEPT/g)?.length, 2);
    await lab.network.detach(nic, contextFor(1));
    await lab.network.removeAll(signal);
    assert.equal(await lab.count(), before);
  });
}

for (const value of ['0', '1']) {
  test(`guests reach each other with bridge netfilter ${value} in the network’s namespace and outside`, async () => {
    await restore('iptables-nft', [':FORWARD DROP [0:0]']);
    const { nic, guest } = await webGuest();
    const other = await lab.network.bind({ vmUid: 'uid-2', ports: [] }, [nic], signal);
    const second = await lab.guest(2, other);
    const { netns } = await lab.network.attach(other, contextFor(2));
    const tee = ['tee', '/proc/sys/net/bridge/bridge-nf-call-iptables'] as const;
    await lab.commands.run(tee, { input: value });
    await lab.commands.run(['nsenter', `--net=${netns}`, ...tee], { input: value });
    assert.match(await ask(lab, second, `http://${nic.address}/`), /^web/);
    await assertReachable(guest);
  });
}

test('the host does not become a router between its other interfaces', async () => {
  const { host, internet } = lab.names;
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports: [] }, [], signal);
  await lab.network.attach(nic, contextFor(1));
  const forwarding = '/proc/sys/net/ipv4/conf/wan0/forwarding';
  assert.equal((await lab.run(host, ['cat', forwarding])).stdout.trim(), '1');
  await lab.run(host, ['ip', 'route', 'add', '203.0.113.77/32', 'via', '198.51.100.1']);
  await lab.run(internet, ['ip', 'route', 'add', '203.0.113.77/32', 'via', HOST]);
  await lab.run(host, ['nft', '-f', '-'], {
    input:
      'table inet watch { chain out { type filter hook postrouting priority 0; ip daddr 203.0.113.77 counter; }; }',
  });
  await lab.run(internet, ['busybox', 'ping', '-c', '1', '-W', '1', '203.0.113.77'], { okCodes: [0, 1] });
  assert.match((await lab.run(host, ['nft', 'list', 'table', 'inet', 'watch'])).stdout, /counter packets 0 /);
  await lab.network.removeAll(signal);
  assert.equal((await lab.run(host, ['cat', forwarding])).stdout.trim(), '0');
});

async function webGuest(): Promise<{ nic: BridgeNic; guest: string }> {
  await lab.network.rebuild(() => [], signal);
  const ports = [{ hostPort: 8080, vmPort: 80, protocol: 'tcp' }] as const;
  const nic = await lab.network.bind({ vmUid: 'uid-1', ports }, [], signal);
  const guest = await lab.guest(1, nic);
  await lab.network.attach(nic, contextFor(1));
  await lab.serve(guest, { address: '0.0.0.0', port: 80, text: 'web' });
  await lab.serve(lab.names.internet, { address: '0.0.0.0', port: 80, text: 'internet' });
  return { nic, guest };
}

/** The way out of a guest and the way in. */
function ways(guest: string): readonly (readonly [netns: string, url: string])[] {
  return [
    [guest, `http://${FAR}/`],
    [lab.names.internet, `http://${HOST}:8080/`],
  ];
}

async function assertReachable(guest: string): Promise<void> {
  for (const [netns, url] of ways(guest)) assert.notEqual(await ask(lab, netns, url), '', url);
}

async function assertUnreachable(guest: string): Promise<void> {
  for (const [netns, url] of ways(guest)) assert.ok(await isSilent(lab, netns, url), url);
}

async function restore(kind: string, lines: readonly string[]): Promise<void> {
  const input = ['*filter', ':INPUT ACCEPT [0:0]', ...lines, 'COMMIT', ''].join('\n');
  await lab.commands.run([`${kind}-restore`], { input });
}
