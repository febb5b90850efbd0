import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wishedInterfaces } from './annotations.ts';
import { guestInterfaces, missingInterfaces } from './guest-interfaces.ts';
import { foundInterfaces } from './interfaces.ts';

const link = (ifname: string, local?: string, family = 'inet') => ({
  ifname,
  address: '02:00:00:00:00:01',
  mtu: 1400,
  addr_info: local === undefined ? [] : [{ family, local, prefixlen: 24, scope: 'global' }],
});
const none = new Map();

test('API-A01, API-A02, API-A03: annotations name interfaces; what is none is passed over', () => {
  const prefix = 'ignite.weave.works/interface/';
  const annotations = {
    [`${prefix}eth1`]: 'tc-redirect',
    [`${prefix}eth0`]: 'dhcp-bridge',
    [`${prefix}eth2`]: 'macvtap',
    [prefix]: 'tc-redirect',
    [`${prefix}a/b`]: 'tc-redirect',
    'ignite.weave.works/sandbox-env/A': 'b',
  };
  assert.deepEqual(
    [...wishedInterfaces(annotations)],
    [
      ['eth1', 'tc-redirect'],
      ['eth0', 'dhcp-bridge'],
    ],
  );
  assert.deepEqual([...wishedInterfaces()], []);
});

test('the guest sees eth0 first and the others by name, with the routes of each', () => {
  const routes = [
    { dst: 'default', gateway: '10.0.0.1', dev: 'eth0' },
    { dst: '10.0.0.0/24', dev: 'eth0', protocol: 'kernel', scope: 'link' },
    { dst: '10.8.0.0/16', gateway: '10.0.1.1', dev: 'eth2' },
    { dst: '10.0.1.1', dev: 'eth2', scope: 'link' },
    { type: 'blackhole', dst: '10.9.0.0/16', dev: 'eth2' },
  ];
  const links = [
    link('lo', '127.0.0.1'),
    link('sit0'),
    link('net1', '10.0.3.2'),
    link('eth2', '10.0.1.2'),
    link('eth0', '10.0.0.2'),
  ];
  const found = foundInterfaces(links, [routes]);
  assert.deepEqual(
    found.map(({ name }) => name),
    ['eth0', 'eth2', 'net1'],
  );
  const [eth0, eth2] = found;
  assert.deepEqual(
    [eth0?.gateway, eth0?.prefixLength, eth0?.routes, eth0?.mtu],
    ['10.0.0.1', 24, undefined, 1400],
  );
  // The subnet is not reached directly: the kernel's route of it was taken away.
  assert.deepEqual([eth2?.gateway, eth2?.prefixLength], [undefined, 32]);
  assert.deepEqual(eth2?.routes, [{ to: '10.0.1.1/32' }, { to: '10.8.0.0/16', via: '10.0.1.1' }]);
});

test('BUG-13: an interface that has only an IPv6 address of the link is the guest’s where an annotation names it', () => {
  const found = foundInterfaces([link('eth1', 'fe80::1', 'inet6'), link('eth0', '10.0.0.2')], []);
  const names = (wished: ReturnType<typeof wishedInterfaces>) =>
    guestInterfaces(found, wished, 'net').map(({ name }) => name);
  assert.deepEqual(names(none), ['eth0']);
  assert.deepEqual(names(new Map([['eth1', 'tc-redirect']])), ['eth0', 'eth1']);
});

test('what is waited for: each named interface, and an address where the guest is to ask for one', () => {
  const found = foundInterfaces([link('eth0', '10.0.0.2'), link('eth1')], []);
  assert.deepEqual(missingInterfaces(found, none), []);
  assert.deepEqual(missingInterfaces(found, new Map([['eth1', 'tc-redirect']])), []);
  assert.deepEqual(missingInterfaces(found, new Map([['eth1', 'dhcp-bridge']])), [
    'eth1 with an IPv4 address',
  ]);
  assert.deepEqual(missingInterfaces(found, new Map([['eth9', 'tc-redirect']])), ['eth9']);
});

test('API-A04: eth0 without an address is refused, unless an annotation says that it needs none', () => {
  const bare = foundInterfaces([link('eth0')], []);
  assert.throws(
    () => guestInterfaces(bare, none, 'The CNI network x'),
    /The CNI network x has given eth0 no IPv4/,
  );
  assert.equal(guestInterfaces(bare, new Map([['eth0', 'tc-redirect']]), 'x').length, 1);
  assert.throws(() => guestInterfaces([], none, 'x'), /no interface eth0/);
});

test('further addresses and IPv6 are the guest’s, too; what the kernel gives each link is not', () => {
  const info = (family: string, local: string, prefixlen: number, scope = 'global') => ({
    family,
    local,
    prefixlen,
    scope,
  });
  const eth0 = {
    ...link('eth0'),
    addr_info: [
      info('inet', '10.0.0.2', 24),
      info('inet', '10.0.0.9', 32),
      info('inet6', 'fd00::2', 64),
      info('inet6', 'fe80::1', 64, 'link'),
    ],
  };
  const routes6 = [
    { dst: 'fd00::/64', dev: 'eth0', protocol: 'kernel' },
    { dst: 'fe80::/64', dev: 'eth0', protocol: 'kernel' },
    { dst: 'default', gateway: 'fd00::1', dev: 'eth0' },
    { dst: 'fd01::7', dev: 'eth0' },
    { dst: 'default', gateway: 'fd00::1', dev: 'eth1' },
  ];
  const [found] = foundInterfaces(
    [eth0],
    [[{ dst: '10.0.0.0/24', dev: 'eth0', protocol: 'kernel' }], routes6],
  );
  assert.deepEqual([found?.address, found?.prefixLength], ['10.0.0.2', 24]);
  assert.deepEqual(found?.further, ['10.0.0.9/32', 'fd00::2/64']);
  assert.deepEqual(found?.routes, [{ to: 'fd01::7/128' }, { to: '::/0', via: 'fd00::1' }]);
});
