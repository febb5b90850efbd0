import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import type { PortMapping, TakenNic, UserNic } from '../port.ts';
import { chooseUserNic, type UserBindFacts } from './bind.ts';
import { passtProgram, type UserNetworkFacts } from './passt.ts';

const facts: UserBindFacts = { hasPasst: true, listeners: [], firstOpenPort: 1024 };
const host: UserNetworkFacts = {
  hasResolver: true,
  hostAddresses: ['198.51.100.7', '172.17.0.1'],
  hasDefaultRoute: true,
};
const web: PortMapping = { hostPort: 8080, vmPort: 80, protocol: 'tcp' };

function nicWith(ports: readonly PortMapping[], hostLoopback = false): UserNic {
  return chooseUserNic({ vmUid: 'one', ports, hostLoopback }, [], facts);
}

test('a user NIC has fixed addresses, a MAC of its own, and says what carries it', () => {
  const first = nicWith([]);
  const second = chooseUserNic({ vmUid: 'two', ports: [] }, [first], facts);

  assert.deepEqual(first, nicWith([]));
  assert.deepEqual([second.address, second.dns], [first.address, first.dns]);
  assert.notEqual(second.mac, first.mac);
  assert.deepEqual([first.backend, first.hostLoopback], ['passt', false]);
});

test("without passt only a guest that may reach the host's services gets a network", () => {
  const bare = { ...facts, hasPasst: false };

  assert.throws(
    () => chooseUserNic({ vmUid: 'one', ports: [] }, [], bare),
    (error) => isIgniteError(error, 'network/no-user-network'),
  );
  const nic = chooseUserNic({ vmUid: 'one', ports: [], hostLoopback: true }, [], bare);
  assert.deepEqual([nic.backend, nic.hostLoopback, nic.mtu], ['qemu', true, 1500]);
});

test('ports: taken ones name the holder, those of root are refused, random ones are found', () => {
  const taken: TakenNic = { ...nicWith([web]), vmName: 'front' };

  assert.throws(
    () => chooseUserNic({ vmUid: 'two', ports: [web] }, [taken], facts),
    /8080\/tcp of the host is taken by VM front/,
  );
  assert.throws(
    () => nicWith([{ ...web, hostPort: 80 }]),
    (error) => isIgniteError(error, 'network/port-privileged'),
  );
  assert.ok((nicWith([{ ...web, hostPort: 0 }]).ports[0]?.hostPort ?? 0) >= 32_768);
});

test('passt gets ports with their addresses, a resolver, and no way to the gateway', () => {
  const dns: PortMapping = { hostPort: 5353, vmPort: 53, protocol: 'udp', bindAddress: '127.0.0.1' };
  const { argv, mac, address } = passtProgram('/usr/bin/passt', nicWith([web, dns]), host);
  const words = argv.join(' ');

  assert.match(words, /^\/usr\/bin\/passt --fd 3 /);
  assert.match(words, / --dns-forward 10\.0\.2\.3 --no-map-gw /);
  assert.match(words, / --tcp-ports 8080:80 --udp-ports 127\.0\.0\.1\/5353:53$/);
  assert.doesNotMatch(words, /--interface/);
  assert.deepEqual([mac, address], [nicWith([]).mac, '10.0.2.15']);
});

test('the guest reaches no address of the host unless that is allowed, and loopback never by its own name', () => {
  const closed = passtProgram('/usr/bin/passt', nicWith([]), host);
  const open = passtProgram('/usr/bin/passt', nicWith([], true), host);

  for (const range of ['127.0.0.0/8', '0.0.0.0/8', '169.254.0.0/16', '168.63.129.16/32', '224.0.0.0/3'])
    for (const { deny } of [closed, open]) assert.ok(deny.includes(range), range);
  for (const range of ['10.0.2.0/24', '198.51.100.7/32', '172.17.0.1/32']) {
    assert.ok(closed.deny.includes(range), range);
    assert.ok(!open.deny.includes(range), range);
  }
  assert.ok(!open.argv.includes('--no-map-gw'));
});

test('a host without routes and resolvers', () => {
  const bare: UserNetworkFacts = { hasResolver: false, hostAddresses: [], hasDefaultRoute: false };
  const { argv, dns } = passtProgram('/usr/bin/passt', nicWith([]), bare);

  assert.match(argv.join(' '), /--interface lo/);
  assert.ok(!argv.includes('--dns-forward'));
  assert.equal(dns, undefined);
});
