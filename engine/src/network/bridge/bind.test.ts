import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import fc from 'fast-check';
import { type BindFacts, chooseNic } from './bind.ts';
import type { BridgeNic, PortMapping, TakenNic } from '../port.ts';

const facts: BindFacts = {
  record: {
    format: 1,
    name: 'ign0',
    subnet: '10.62.0.0/26',
    gateway: '10.62.0.1',
    gatewayMac: '02:00:00:00:00:00',
    mtu: 1500,
    opened: { bootId: '', interfaces: [] },
  },
  listeners: [],
};
const random: PortMapping = { hostPort: 0, vmPort: 80, protocol: 'tcp' };

test('any sequence of binds and removals keeps addresses, MACs and ports apart', () => {
  const steps = fc.array(fc.oneof(fc.constant('bind'), fc.nat(60)), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (list) => {
      let taken: BridgeNic[] = [];
      for (const [index, step] of list.entries())
        if (typeof step === 'number') taken = taken.filter((_, position) => position !== step);
        else taken.push(chooseNic({ vmUid: `uid-${index}`, ports: [random, random] }, taken, facts));
      const apart = (values: readonly unknown[]) => assert.equal(new Set(values).size, values.length);
      apart(taken.map((nic) => nic.address));
      apart(taken.map((nic) => nic.mac));
      apart(taken.flatMap((nic) => nic.ports.map((port) => port.hostPort)));
    }),
    { numRuns: 50 },
  );
});

test('a full subnet is told', () => {
  const taken: TakenNic[] = [];
  for (let index = 0; index < 61; index++)
    taken.push(chooseNic({ vmUid: `${index}`, ports: [] }, taken, facts));
  assert.throws(
    () => chooseNic({ vmUid: 'last', ports: [] }, taken, facts),
    (error) => isIgniteError(error, 'network/subnet-full'),
  );
});

test('a port given twice in one request is refused, a random one avoids the fixed ones', () => {
  const web: PortMapping = { hostPort: 8080, vmPort: 80, protocol: 'tcp' };
  assert.throws(() => chooseNic({ vmUid: 'a', ports: [web, web] }, [], facts), /taken by this VM itself/);
  const first = chooseNic({ vmUid: 'a', ports: [random] }, [], facts).ports[0] ?? assert.fail();
  const both = chooseNic({ vmUid: 'a', ports: [random, { ...first }] }, [], facts).ports;
  assert.notEqual(both[0]?.hostPort, first.hostPort);
  assert.equal(both[1]?.hostPort, first.hostPort);
});

test('the MTU is the network’s at most', () => {
  assert.equal(chooseNic({ vmUid: 'a', ports: [], mtu: 9000 }, [], facts).mtu, 1500);
  assert.equal(chooseNic({ vmUid: 'a', ports: [], mtu: 1280 }, [], facts).mtu, 1280);
});
