// Debian's plugins of CNI: the guest has the interface's MAC, address and routes, is reached, and leaves nothing.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CniNic } from '../../../engine/src/network/index.ts';
import type { Commands } from '../../../engine/src/host/index.ts';
import { type CniLab, makeCniLab, PLUGINS } from './cni-lab.ts';
import { ask, contextFor, FAR, HOST, INTERNET, isSilent, memoryClaims, ORDINAL, pings } from './lab.ts';

const signal = AbortSignal.timeout(300_000);
const PORTS = [{ hostPort: 8080, vmPort: 80, protocol: 'tcp' }] as const;

const ipam = (world: CniLab, subnet: string, more: object = {}) => ({
  ipam: { type: 'host-local', ranges: [[{ subnet }]], dataDir: world.leases, ...more },
});
const everywhere = { routes: [{ dst: '0.0.0.0/0' }] };
const portmap = { type: 'portmap', capabilities: { portMappings: true } };
const bridge = (world: CniLab) => ({
  type: 'bridge',
  bridge: 'cnit0',
  isGateway: true,
  isDefaultGateway: true,
  ipMasq: true,
  hairpinMode: true,
  ...ipam(world, '10.99.0.0/24'),
});

/** Binds and attaches the VM in a slot. */
async function attached(world: CniLab, slot: number, ports: CniNic['ports'] = []): Promise<CniNic> {
  const driver = world.driver();
  const nic = await driver.bind({ vmUid: `uid-${slot}`, ports }, [], signal);
  const { bound } = await driver.attach(nic, contextFor(slot));
  assert.ok(bound.mode === 'cni');
  return bound;
}

/** What is there after one VM has come and gone: plugins leave a bridge, chains without rules and forwarding. */
async function settled(world: CniLab, ports: CniNic['ports'] = []): Promise<string> {
  await world.driver().detach(await attached(world, 9, ports), contextFor(9));
  return world.count();
}

test('NET-P2: bridge, portmap and firewall: out, in by a published port, and from VM to VM', async () => {
  await using world = await makeCniLab();
  const { lab } = world;
  await world.configure('10-net.conflist', {
    cniVersion: '1.0.0',
    name: 'net',
    plugins: [bridge(world), portmap, { type: 'firewall' }],
  });
  await lab.commands.run(['iptables', '-P', 'FORWARD', 'DROP']);
  const before = await settled(world, PORTS);
  const claims = memoryClaims();
  const context = contextFor(1, claims);

  const driver = world.driver();
  const nic = await driver.bind({ vmUid: 'uid-1', ports: PORTS }, [], signal);
  const { bound, taps, netns } = await driver.attach(nic, context);
  const [given] = bound.given ?? [];
  assert.match(netns, /^\/run\/netns\/ignite-207-.*-vm1$/);
  assert.deepEqual(taps, [{ tap: 'tap0', mac: given?.mac, mtu: 1500 }]);
  assert.deepEqual([given?.gateway, given?.prefixLength, given?.dns], ['10.99.0.1', 24, [FAR]]);
  assert.ok(bound.mode === 'cni');
  assert.equal(await driver.observe(bound, context, signal), 'attached');

  const guest = await world.guest(1, bound);
  const other = await world.guest(2, await attached(world, 2));
  await lab.serve(guest, { address: '0.0.0.0', port: 80, text: 'web' });
  await lab.serve(lab.names.internet, { address: '0.0.0.0', port: 80, text: 'internet' });
  assert.equal(await ask(lab, guest, `http://${FAR}/`), `internet to ${HOST}`);
  assert.equal(await ask(lab, lab.names.internet, `http://${HOST}:8080/`), `web to ${INTERNET}`);
  // Nothing but what was published; and the accepts come back where somebody took them.
  await lab.run(lab.names.internet, ['ip', 'route', 'add', '10.99.0.0/24', 'via', HOST]);
  assert.ok(await isSilent(lab, lab.names.internet, `http://${given?.address}/`));
  await lab.commands.run(['iptables', '-D', 'FORWARD', '1']);
  await lab.commands.run(['iptables', '-D', 'FORWARD', '1']);
  assert.ok(await isSilent(lab, lab.names.internet, `http://${HOST}:8080/`));
  await driver.look?.([{ nic: bound, slot: 1, vmUid: 'uid-1' }]);
  assert.equal(await ask(lab, lab.names.internet, `http://${HOST}:8080/`), `web to ${INTERNET}`);
  await lab.commands.run(['iptables', '-P', 'FORWARD', 'ACCEPT']); // between VMs it is the bridge’s affair
  assert.match((await ask(lab, other, `http://${given?.address}/`)) ?? '', /^web/);
  assert.equal(await pings(lab, lab.names.host, given?.address ?? ''), true);

  await driver.detach(bound, context);
  await driver.detach(bound, context);
  await driver.detach({ ...bound, ports: [] }, contextFor(2));
  assert.equal(await driver.observe(bound, context, signal), 'absent');
  assert.deepEqual(claims.live(), []);
  await lab.commands.run(['iptables', '-P', 'FORWARD', 'DROP']);
  assert.equal(await world.count(), before);
});

test('check tells which plugin does not find what it made', async () => {
  await using world = await makeCniLab();
  await world.configure('10-net.conflist', {
    cniVersion: '1.0.0',
    name: 'net',
    plugins: [bridge(world), { type: 'firewall' }],
  });
  const driver = world.driver();
  const bound = await attached(world, 1);
  const look = async () =>
    (await driver.check?.(bound, contextFor(1), signal))?.map(({ hop, ok }) => `${hop} ${ok}`);
  const whole = ['namespace true', 'tap true', 'plugin bridge true', 'plugin firewall true'];
  assert.deepEqual(await look(), whole);
  const space = `ignite-${ORDINAL}-${world.instance}-vm1`;
  await world.lab.commands.run(['ip', '-n', space, 'address', 'flush', 'dev', 'eth0']);
  assert.deepEqual(await look(), whole.with(2, 'plugin bridge false'));
  await driver.detach(bound, contextFor(1));
  assert.deepEqual(await look(), ['namespace false']);
});

test('ptp: neighbours of the subnet are reached by the gateway, too', async () => {
  await using world = await makeCniLab();
  const { lab } = world;
  await world.configure('10-ptp.conf', {
    cniVersion: '0.3.1',
    name: 'ptp',
    type: 'ptp',
    ipMasq: true,
    dns: { nameservers: ['203.0.113.53', '2001:db8::53', '::1'] },
    ...ipam(world, '10.99.1.0/24', everywhere),
  });
  const before = await settled(world);
  const [nic, second] = [await attached(world, 1), await attached(world, 2)];
  const [given] = nic.given ?? [];
  assert.deepEqual(given?.dns, ['203.0.113.53', '2001:db8::53']);
  assert.equal(given?.prefixLength, 32);
  assert.deepEqual(given?.routes, [{ to: '10.99.1.1/32' }, { to: '10.99.1.0/24', via: '10.99.1.1' }]);
  const [guest, other] = [await world.guest(1, nic), await world.guest(2, second)];
  await lab.serve(guest, { address: '0.0.0.0', port: 80, text: 'web' });
  await lab.serve(lab.names.internet, { address: '0.0.0.0', port: 80, text: 'internet' });
  assert.match((await ask(lab, other, `http://${given?.address}/`)) ?? '', /^web/);
  assert.equal(await ask(lab, guest, `http://${FAR}/`), `internet to ${HOST}`);
  for (const [slot, one] of [nic, second].entries()) await world.driver().detach(one, contextFor(slot + 1));
  assert.equal(await world.count(), before);
});

test('BUG-14: macvlan with a static address and no gateway: neighbours of the wire reach the guest', async () => {
  await using world = await makeCniLab();
  const { lab } = world;
  await world.configure('10-mac.conflist', {
    cniVersion: '0.4.0',
    name: 'mac',
    plugins: [
      {
        type: 'macvlan',
        master: 'wan0',
        mode: 'bridge',
        ipam: { type: 'static', addresses: [{ address: '198.51.100.77/24' }] },
      },
    ],
  });
  const before = await world.count();
  const nic = await attached(world, 1);
  const [given] = nic.given ?? [];
  assert.deepEqual([given?.address, given?.gateway, given?.routes], ['198.51.100.77', undefined, undefined]);
  const guest = await world.guest(1, nic);
  await lab.serve(guest, { address: '0.0.0.0', port: 80, text: 'web' });
  assert.match((await ask(lab, lab.names.internet, 'http://198.51.100.77/')) ?? '', /^web/);
  assert.equal(await pings(lab, guest, INTERNET), true);
  await world.driver().detach(nic, contextFor(1));
  assert.equal(await world.count(), before);
});

test('the first configuration by name is taken, or the one that is named; an empty folder gets the default', async () => {
  await using world = await makeCniLab();
  const driver = world.driver();
  await assert.rejects(driver.bind({ vmUid: 'a', network: 'other', ports: [] }, [], signal), {
    code: 'network/cni-no-configuration',
  });
  assert.match(await readFile(join(world.folder, '10-ignite.conflist'), 'utf8'), /"ignite-cni-bridge"/);
  await world.configure('05-first.conf', { cniVersion: '0.3.0', name: 'first', ...bridge(world) });
  await world.configure('00-ignored.txt', 'garbage');
  await world.configure('99-broken.conf', 'garbage');
  const ports = PORTS;
  await assert.rejects(driver.bind({ vmUid: 'a', ports }, [], signal), { code: 'network/cni-no-ports' });
  const named = await driver.bind({ vmUid: 'a', network: 'ignite-cni-bridge', ports }, [], signal);
  assert.deepEqual([named.network, named.configuration], ['cni:ignite-cni-bridge', 'ignite-cni-bridge']);
  await world.configure('01-broken.conf', 'garbage');
  await assert.rejects(
    driver.bind({ vmUid: 'a', ports: [] }, [], signal),
    /01-broken.conf is no JSON object/,
  );
});

test('API-N08: an empty folder: the network of the original, with its bridge, addresses and published ports', async () => {
  await using world = await makeCniLab();
  const { lab } = world;
  await mkdir(world.leases);
  // host-local keeps leases in a folder of the machine; in mount namespaces of the test that is another one.
  const mounts = `mount -t tmpfs none /var/lib; mkdir /var/lib/cni; mount --bind ${world.leases} /var/lib/cni`;
  const commands: Commands = {
    run: ([program, ...rest], options) =>
      lab.commands.run(
        program.startsWith(PLUGINS)
          ? ['unshare', '--mount', 'sh', '-ec', `${mounts}; exec "$0"`, program]
          : [program, ...rest],
        options,
      ),
  };
  const driver = world.driver({ commands });
  const nic = await driver.bind({ vmUid: 'uid-1', idPrefix: 'team', ports: PORTS }, [], signal);
  const { bound } = await driver.attach(nic, contextFor(1));
  const [given] = bound.given ?? [];
  assert.match(given?.address ?? '', /^10\.61\.0\.\d+$/);
  assert.deepEqual([given?.gateway, given?.prefixLength], ['10.61.0.1', 16]);
  const guest = await world.guest(1, bound);
  await lab.serve(guest, { address: '0.0.0.0', port: 80, text: 'web' });
  await lab.serve(lab.names.internet, { address: '0.0.0.0', port: 80, text: 'internet' });
  assert.equal(await ask(lab, guest, `http://${FAR}/`), `internet to ${HOST}`);
  assert.equal(await ask(lab, lab.names.internet, `http://${HOST}:8080/`), `web to ${INTERNET}`);
  assert.match((await lab.commands.run(['ip', '-d', 'link', 'show', 'ignite0'])).stdout, /PROMISC/);
  const leases = async () =>
    (await readdir(join(world.leases, 'networks/ignite-cni-bridge'))).filter((name) =>
      name.startsWith('10.'),
    );
  assert.deepEqual(await leases(), [given?.address]);
  const lease = join(world.leases, 'networks/ignite-cni-bridge', given?.address ?? '');
  assert.match(await readFile(lease, 'utf8'), /^team-uid-1\s/);
  assert.ok(bound.mode === 'cni');
  await driver.detach(bound, contextFor(1));
  assert.deepEqual(await leases(), []);
  const rules = (await lab.commands.run(['iptables-save'])).stdout;
  assert.doesNotMatch(rules, /10\.61\.0\.|(ignite|team)-uid-1/);
});
