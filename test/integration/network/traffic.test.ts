// What a guest can reach and what reaches it, on a host made of namespaces.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BridgeNic, PortMapping } from '../../../engine/src/network/index.ts';
import {
  ask,
  askUdp,
  contextFor,
  FAR,
  HOST,
  INTERNET,
  isDeaf,
  isSilent,
  isUdpSilent,
  type Lab,
  makeLab,
  pings,
} from './lab.ts';

const signal = AbortSignal.timeout(1_800_000);
const PORTS: readonly PortMapping[] = [
  { hostPort: 8080, vmPort: 80, protocol: 'tcp' },
  { hostPort: 8081, vmPort: 80, protocol: 'tcp', bindAddress: '127.0.0.1' },
  { hostPort: 8082, vmPort: 80, protocol: 'tcp', bindAddress: HOST },
  { hostPort: 5353, vmPort: 53, protocol: 'udp' },
];

let lab: Lab;
let web: BridgeNic;
let other: BridgeNic;
let webGuest: string;
let otherGuest: string;
let host: string;
let internet: string;

before(async () => {
  lab = await makeLab();
  ({ host, internet } = lab.names);
  await lab.network.rebuild(() => [], signal);
  web = await lab.network.bind({ vmUid: 'uid-1', ports: PORTS }, [], signal);
  other = await lab.network.bind({ vmUid: 'uid-2', ports: [] }, [web], signal);
  webGuest = await lab.guest(1, web);
  otherGuest = await lab.guest(2, other);
  await lab.network.attach(web, contextFor(1));
  await lab.network.attach(other, contextFor(2));
  await lab.serve(webGuest, { address: '0.0.0.0', port: 80, text: 'web' });
  await lab.serve(webGuest, { address: '0.0.0.0', port: 53, text: 'dns', protocol: 'udp' });
  await lab.serve(internet, { address: '0.0.0.0', port: 80, text: 'internet' });
  await lab.serve(internet, { address: FAR, port: 53, text: 'resolver', protocol: 'udp' });
  await lab.serve(host, { address: '0.0.0.0', port: 9000, text: 'service of the host' });
  await lab.serve(host, { address: '127.0.0.1', port: 9001, text: 'loopback service' });
});

after(async () => {
  await lab.network.removeAll(signal);
  await lab.close();
});

test('a guest reaches the internet with the address of the host', async () => {
  assert.match(await ask(lab, webGuest, `http://${FAR}/`), new RegExp(`internet to .*${HOST}`));
  assert.ok(await pings(lab, webGuest, FAR));
});

test('the gateway answers pings and passes questions on to the resolver of the host', async () => {
  assert.ok(await pings(lab, webGuest, web.gateway));
  assert.match(await askUdp(lab, webGuest, web.gateway, 53), /^resolver to/);
});

test('guests of one network reach each other', async () => {
  assert.match(await ask(lab, otherGuest, `http://${web.address}/`), new RegExp(other.address));
});

test('the host reaches a guest by its address', async () => {
  assert.match(await ask(lab, host, `http://${web.address}/`), /^web/);
});

test('a published port answers the neighbour, who keeps its address', async () => {
  assert.match(await ask(lab, internet, `http://${HOST}:8080/`), new RegExp(`^web to .*${INTERNET}$`));
  assert.match(await askUdp(lab, internet, HOST, 5353), new RegExp(`^dns to ${INTERNET}$`));
});

test('a published port answers on loopback and on the own address of the host', async () => {
  assert.match(await ask(lab, host, 'http://127.0.0.1:8080/'), /^web/);
  assert.match(await ask(lab, host, `http://${HOST}:8080/`), /^web/);
  assert.match(await askUdp(lab, host, '127.0.0.1', 5353), /^dns/);
});

test('a port bound to one address answers only there', async () => {
  assert.match(await ask(lab, host, 'http://127.0.0.1:8081/'), /^web/);
  assert.ok(await isSilent(lab, host, `http://${HOST}:8081/`));
  assert.ok(await isSilent(lab, internet, `http://${HOST}:8081/`));
  assert.match(await ask(lab, internet, `http://${HOST}:8082/`), /^web/);
  assert.ok(await isSilent(lab, host, 'http://127.0.0.1:8082/'));
});

test('a guest reaches its own published port and its neighbour’s by way of the host', async () => {
  assert.match(await ask(lab, webGuest, `http://${HOST}:8080/`), /^web/);
  assert.match(await ask(lab, otherGuest, `http://${HOST}:8080/`), /^web/);
  assert.match(await ask(lab, webGuest, `http://${web.gateway}:8080/`), /^web/);
});

test('a guest reaches no service of the host', async () => {
  assert.match(await ask(lab, internet, `http://${HOST}:9000/`), /^service of the host/);
  assert.ok(await isSilent(lab, webGuest, `http://${HOST}:9000/`));
  assert.ok(await isSilent(lab, webGuest, `http://${web.gateway}:9000/`));
});

test('a guest reaches no metadata address', async () => {
  await lab.run(internet, ['ip', 'address', 'add', '169.254.169.254/32', 'dev', 'lo']);
  await lab.run(host, ['ip', 'route', 'add', '169.254.169.254/32', 'via', INTERNET]);
  assert.match(await ask(lab, host, 'http://169.254.169.254/'), /^internet/);
  assert.ok(await isSilent(lab, webGuest, 'http://169.254.169.254/'));
});

test('a resolver on a link-local address is reached through the gateway all the same', async () => {
  await lab.serve(internet, {
    address: '169.254.169.254',
    port: 53,
    text: 'cloud resolver',
    protocol: 'udp',
  });
  lab.files.set('/etc/resolv.conf', 'nameserver 169.254.169.254\n');
  await lab.network.rebuild(() => present(), signal);
  assert.match(await askUdp(lab, webGuest, web.gateway, 53), /^cloud resolver/);
});

test('a host that moved to another network is followed at the next look', async () => {
  await lab.serve(internet, { address: INTERNET, port: 53, text: 'new resolver', protocol: 'udp' });
  lab.files.set('/etc/resolv.conf', `nameserver ${INTERNET}\n`);
  await lab.run(host, ['tee', '/proc/sys/net/ipv4/conf/wan0/forwarding'], { input: '0' });
  assert.ok(await isUdpSilent(lab, webGuest, web.gateway, 53));
  await lab.network.look(present, signal);
  assert.match(await askUdp(lab, webGuest, web.gateway, 53), /^new resolver/);
  assert.equal(await lab.network.observe(web, contextFor(1), signal), 'attached');
});

test('a resolver on the loopback of the host is reached through the gateway, and nothing else there', async () => {
  await lab.serve(host, { address: '127.0.0.1', port: 53, text: 'local resolver', protocol: 'udp' });
  await lab.serve(host, { address: '127.0.0.1', port: 54, text: 'local service', protocol: 'udp' });
  lab.files.set('/etc/resolv.conf', 'nameserver 127.0.0.1\n');
  await lab.network.rebuild(() => present(), signal);
  assert.match(await askUdp(lab, webGuest, web.gateway, 53), /^local resolver/);
  assert.ok(await isUdpSilent(lab, webGuest, web.gateway, 54));
});

test('a neighbour that routes to guests by way of the host is refused', async () => {
  await lab.run(internet, ['ip', 'route', 'add', `${web.address}/32`, 'via', HOST]);
  assert.ok(await isSilent(lab, internet, `http://${web.address}/`));
});

test('with forged addresses nothing leaves a guest', async () => {
  const forger = otherGuest;
  await lab.run(forger, ['ip', 'address', 'add', '10.76.9.9/16', 'dev', 'eth0']);
  assert.ok(await isDeaf(lab, forger, web.address, '-I', '10.76.9.9'), 'another address');
  assert.ok(await pings(lab, forger, web.address, '-I', other.address), 'its own address');
  await lab.run(forger, ['ip', 'link', 'set', 'dev', 'eth0', 'address', '02:00:00:00:00:99']);
  assert.ok(await isDeaf(lab, forger, web.address), 'another MAC');
  await lab.run(forger, ['ip', 'link', 'set', 'dev', 'eth0', 'address', other.mac]);
  assert.ok(await pings(lab, forger, web.address), 'its own MAC');
});

test('a hostile guest reaches no service on 127.0.0.1 of the host, published loopback ports or not', async () => {
  const hostile = otherGuest;
  await craftLoopbackPackets(hostile, other.gateway);
  const target = `http://${CRAFTED}:9001/`;
  const fails = () => isSilent(lab, hostile, target);
  assert.match(await ask(lab, host, 'http://127.0.0.1:9001/'), /^loopback service/);
  assert.ok(await fails(), 'both tables');

  await lab.commands.run(['nft', 'flush', 'ruleset']);
  assert.ok(await fails(), 'only the table in the namespace');

  await lab.network.rebuild(() => present(), signal);
  const { netns } = await lab.network.attach(web, contextFor(1));
  await lab.commands.run(['nsenter', `--net=${netns}`, 'nft', 'flush', 'ruleset']);
  assert.ok(await fails(), 'only the table outside');

  // Proof that the attack itself works where nothing stops it.
  await lab.commands.run(['nft', 'flush', 'ruleset']);
  assert.match(await ask(lab, hostile, target), /^loopback service/);
  await lab.network.rebuild(() => present(), signal);
  assert.ok(await fails(), 'rebuilt');
  assert.match(await ask(lab, host, 'http://127.0.0.1:8080/'), /^web/);
});

function present() {
  return [
    { nic: web, slot: 1, vmUid: 'uid-1' },
    { nic: other, slot: 2, vmUid: 'uid-2' },
  ];
}

const CRAFTED = '10.76.255.77';

/**
 * The guest rewrites its packets on the wire: what it sends to CRAFTED leaves with destination 127.0.0.1 and the
 * gateway's MAC, and the answers come back as if from CRAFTED.
 */
async function craftLoopbackPackets(netns: string, gateway: string): Promise<void> {
  assert.ok(await pings(lab, netns, gateway));
  const { stdout } = await lab.run(netns, ['ip', 'neighbour', 'show', gateway]);
  const mac = / lladdr (\S+)/.exec(stdout)?.[1] ?? '';
  await lab.run(netns, ['ip', 'neighbour', 'replace', CRAFTED, 'lladdr', mac, 'dev', 'eth0']);
  const input = `
    table ip craft { chain out { type filter hook postrouting priority 300; ip daddr ${CRAFTED} ip daddr set 127.0.0.1; }; }
    table netdev craft { chain in { type filter hook ingress device eth0 priority 0; ip saddr 127.0.0.1 ip saddr set ${CRAFTED}; }; }
  `;
  await lab.run(netns, ['nft', '-f', '-'], { input });
}
