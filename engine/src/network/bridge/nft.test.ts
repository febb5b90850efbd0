import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nftReplaceScript, nftScript, type NftTable } from './nft.ts';

const table: NftTable = {
  family: 'inet',
  name: 't',
  sets: [
    { kind: 'set', name: 'links', spec: 'type ifname;', elements: ['"a"', '"b"'] },
    { kind: 'map', name: 'ports', spec: 'type inet_service : ipv4_addr;' },
    { kind: 'set', name: 'empty', spec: 'type ifname;', elements: [] },
  ],
  chains: [
    { name: 'leaf', rules: ['accept'] },
    { name: 'in', hook: 'type filter hook input priority filter;', rules: ['jump leaf'] },
  ],
};

test('a skeleton sets its own sets, leaves others, and fills chains after all of them exist', () => {
  assert.deepEqual(nftScript(table).trim().split('\n'), [
    'add table inet t',
    'add chain inet t leaf',
    'add chain inet t in { type filter hook input priority filter; }',
    'add set inet t links { type ifname; }',
    'flush set inet t links',
    'add element inet t links { "a", "b" }',
    'add map inet t ports { type inet_service : ipv4_addr; }',
    'add set inet t empty { type ifname; }',
    'flush set inet t empty',
    'flush chain inet t leaf',
    'flush chain inet t in',
    'add rule inet t leaf accept',
    'add rule inet t in jump leaf',
  ]);
});

test('a chain whose hook was elsewhere before is made anew, whether it is there or not', () => {
  const hook = 'type filter hook input priority filter - 1;';
  const script = nftScript({ ...table, chains: [{ name: 'in', hook, moved: true, rules: [] }] });
  assert.deepEqual(script.split('\n').slice(1, 5), [
    'add chain inet t in',
    'flush chain inet t in',
    'delete chain inet t in',
    `add chain inet t in { ${hook} }`,
  ]);
});

test('a replacement deletes what was there in the same transaction', () => {
  assert.match(nftReplaceScript(table), /^add table inet t\ndelete table inet t\nadd table inet t\n/);
});
