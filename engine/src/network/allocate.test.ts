import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gatewayOf, hostSideMac, lowestFreeAddress, macFor } from './allocate.ts';
import { contains, formatAddress, parseAddress, parsePrefix } from './ipv4.ts';

const subnet = parsePrefix('10.62.0.0/24') ?? assert.fail();

test('the lowest free address, which is neither base, gateway, broadcast nor taken', () => {
  const taken = fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 256 });
  fc.assert(
    fc.property(taken, (offsets) => {
      const names = new Set(offsets.map((offset) => formatAddress(subnet.base + offset)));
      const found = lowestFreeAddress(subnet, names);
      const free = Array.from({ length: 253 }, (_, index) => formatAddress(subnet.base + 2 + index)).filter(
        (name) => !names.has(name),
      );
      assert.equal(found, free[0]);
      if (found !== undefined) assert.ok(contains(subnet, parseAddress(found) ?? 0));
    }),
  );
  assert.equal(gatewayOf(subnet), '10.62.0.1');
});

test('MACs are stable, local, unicast, and differ from those taken', () => {
  fc.assert(
    fc.property(fc.string(), (uid) => {
      const mac = macFor([uid]);
      assert.match(mac, /^02(:[0-9a-f]{2}){5}$/);
      assert.equal(mac, macFor([uid]));
      assert.notEqual(macFor([uid], new Set([mac])), mac);
      assert.match(hostSideMac(mac), /^fe(:[0-9a-f]{2}){5}$/);
    }),
  );
});
