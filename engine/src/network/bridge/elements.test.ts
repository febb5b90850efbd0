import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allRootElements, parsePortEntries, rootElements, sourceElement } from './elements.ts';
import type { BridgeNic, PortMapping } from '../port.ts';

const web: PortMapping = { hostPort: 8080, vmPort: 80, protocol: 'tcp' };
const local: PortMapping = { hostPort: 53, vmPort: 5353, protocol: 'udp', bindAddress: '127.0.0.1' };
const nic: BridgeNic = {
  mode: 'bridge',
  network: 'ign0',
  mac: '02:00:00:00:00:01',
  address: '10.62.0.2',
  prefixLength: 16,
  gateway: '10.62.0.1',
  dns: ['10.62.0.1'],
  mtu: 1500,
  ports: [web, local],
};

test('a NIC’s elements carry its owner', () => {
  assert.deepEqual(rootElements(nic, { vmUid: 'u1', vmName: 'web' }), {
    vms: ['10.62.0.2 comment "web"'],
    ports: ['tcp . 8080 comment "web" : 10.62.0.2 . 80'],
    ports_at: ['127.0.0.1 . udp . 53 comment "web" : 10.62.0.2 . 5353'],
    policies: [],
    closed: [],
    chains: [],
  });
  assert.equal(sourceElement('ign0t1', nic), '"ign0t1" . 02:00:00:00:00:01 . 10.62.0.2');
});

test('no name ends the comment', () => {
  const [vm] = rootElements(nic, { vmUid: 'u1', vmName: '" }; flush ruleset; #' }).vms;
  assert.equal(vm, '10.62.0.2 comment "_____flush_ruleset___"');
});

test('of two NICs with one port the first keeps it', () => {
  const other = { ...nic, address: '10.62.0.3', ports: [web, { ...local, bindAddress: '0.0.0.0' }] };
  const all = allRootElements([
    { nic, owner: { vmUid: 'u1' } },
    { nic: other, owner: { vmUid: 'u2' } },
  ]);
  assert.deepEqual(all.vms, ['10.62.0.2 comment "u1"', '10.62.0.3 comment "u2"']);
  assert.deepEqual(all.ports, ['tcp . 8080 comment "u1" : 10.62.0.2 . 80']);
  assert.deepEqual(all.ports_at, ['127.0.0.1 . udp . 53 comment "u1" : 10.62.0.2 . 5353']);
});

test('entries are read back from what nft prints', () => {
  const printed = `table inet t {
    map ports {
      type inet_proto . inet_service : ipv4_addr . inet_service
      elements = { tcp . 8080 comment "web" : 10.62.0.2 . 80,
                   udp . 53 : 10.62.0.3 . 5353,
                   127.0.0.1 . tcp . 81 : 10.62.0.4 . 81 comment "db" }
    }
  }`;
  assert.deepEqual(parsePortEntries(printed), [
    { key: 'tcp . 8080', target: '10.62.0.2 . 80', owner: 'web' },
    { key: 'udp . 53', target: '10.62.0.3 . 5353', owner: undefined },
    { key: '127.0.0.1 . tcp . 81', target: '10.62.0.4 . 81', owner: 'db' },
  ]);
});
