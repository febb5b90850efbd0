import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatAddress, formatPrefix, overlap, type Prefix, parsePrefix } from '../ipv4.ts';
import { chooseSubnet } from './subnet.ts';

const choose = (used: readonly string[], ordinal = 0) => {
  const found = chooseSubnet(
    used.flatMap((text) => parsePrefix(text) ?? []),
    ordinal,
  );
  return found === undefined ? undefined : formatPrefix(found);
};

test('10.62.0.0/16 on a host that does not use it', () => {
  assert.equal(choose(['192.168.1.0/24', '172.17.0.0/16', '10.61.0.0/16']), '10.62.0.0/16');
});

test('the next free range beside routes, addresses and resolvers of the host', () => {
  assert.equal(choose(['10.62.0.0/15', '10.64.3.0/24', '10.65.1.1']), '10.66.0.0/16');
  assert.equal(choose(['10.0.0.0/8']), '172.18.0.0/16');
  assert.equal(choose(['10.0.0.0/8', '172.16.0.0/12']), '192.168.64.0/20');
  assert.equal(choose(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']), undefined);
});

test('the halves that a VPN sets for a default route do not count', () => {
  assert.equal(choose(['0.0.0.0/1', '128.0.0.0/1']), '10.62.0.0/16');
});

test('engines of one host begin at different ranges, never at the original’s', () => {
  assert.equal(choose([], 1), '10.63.0.0/16');
  const all = Array.from({ length: 256 }, (_, ordinal) => choose([], ordinal));
  assert.ok(!all.includes('10.61.0.0/16') && !all.includes(undefined));
});

test('what is chosen overlaps nothing that is used', () => {
  const used = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 8, max: 32 }))
      .map(([base, length]): Prefix => parsePrefix(`${formatAddress(base)}/${length}`) ?? assert.fail()),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(used, fc.nat(255), (routes, ordinal) => {
      const found = chooseSubnet(routes, ordinal);
      return found === undefined || routes.every((route) => !overlap(route, found));
    }),
  );
});
