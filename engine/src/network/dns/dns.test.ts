import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { answersQuery, parseQuery, TYPE, writeAnswer } from './message.ts';
import { readMessages, withLength } from './stream.ts';
import { answerFrom, type ZoneEntry } from './zone.ts';

const zone = { network: 'bridge', contains: (address: string) => address.startsWith('10.62.') };
const entries: readonly ZoneEntry[] = [
  { vmName: 'web', network: 'bridge', address: '10.62.0.2' },
  { vmName: 'db.prod', network: 'bridge', address: '10.62.0.3' },
  { vmName: 'other', network: 'lab', address: '10.80.0.2' },
];

function query(name: string, type: number = TYPE.A): Buffer {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1]);
}

/** `address` or `name` of the answer, how many there are, and the code; undefined: passed on. */
function answered(name: string, type?: number) {
  const asked = parseQuery(query(name, type)) ?? assert.fail('no query');
  const bytes = answerFrom(asked, zone, entries);
  if (bytes === undefined) return undefined;
  assert.ok(answersQuery(bytes, asked));
  return {
    code: bytes.readUInt16BE(2) & 15,
    count: bytes.readUInt16BE(6),
    data: bytes.subarray(12 + asked.question.length + 12),
  };
}

test('names of VMs of the network are answered, whatever their letters', () => {
  for (const name of ['web', 'WEB', 'web.bridge', 'Web.Bridge'])
    assert.deepEqual(answered(name), { code: 0, count: 1, data: Buffer.from([10, 62, 0, 2]) }, name);
  assert.equal(answered('db.prod.bridge')?.count, 1);
  assert.equal(answered('web', 28)?.count, 0, 'no IPv6 address, and no error');
  assert.equal(answered('nobody.bridge')?.code, 3);
});

test('what is not ours is passed on, VMs of other networks among it', () => {
  for (const name of [
    'debian.org',
    'nobody',
    'other',
    'other.lab',
    '4.3.2.1.in-addr.arpa',
    '2.0.80.10.in-addr.arpa',
  ])
    assert.equal(answered(name), undefined, name);
});

test('addresses of the network have the names of their VMs', () => {
  const found = answered('2.0.62.10.in-addr.arpa', TYPE.PTR);
  assert.deepEqual(found?.data, Buffer.from('\x03web\x06bridge\0', 'latin1'));
  assert.equal(answered('9.0.62.10.in-addr.arpa', TYPE.PTR)?.code, 3);
});

test('no bytes break the reader, and what it reads lies within them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, headed) => {
      const head = Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
      const message = headed ? Buffer.concat([head, bytes]) : Buffer.from(bytes);
      const found = parseQuery(message);
      if (found === undefined) return;
      assert.ok(found.question.length <= message.length - 12 && found.name.length <= 320);
      assert.ok(answersQuery(writeAnswer(found, []), found));
    }),
    { numRuns: 2000 },
  );
  for (const bytes of [
    query('web').subarray(0, 20),
    Buffer.from('000101000001000000000000c00c00010001', 'hex'),
  ])
    assert.equal(parseQuery(bytes), undefined);
});

test('messages of a connection are found however it cuts them', async () => {
  const all = Buffer.concat([withLength(query('web')), withLength(query('db.prod')), Buffer.from([0, 9, 1])]);
  async function* cut(size: number) {
    for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
  }
  for (const size of [1, 2, 7, 1000]) {
    const names: (string | undefined)[] = [];
    for await (const message of readMessages(cut(size))) names.push(parseQuery(message)?.name);
    assert.deepEqual(names, ['web', 'db.prod']);
  }
});
