import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { faultOf } from './own-qcow2.ts';
import { emptyQcow2 } from './qcow2-header.ts';

const BASE = '/var/lib/ignite/images/base/a.ext4';

/** A header of ours, changed. */
function changed(change: (header: Buffer) => void): Buffer {
  const header = emptyQcow2(BASE, 1 << 30);
  change(header);
  return header;
}

test('a disk of ours is one, also when its VMM was killed', () => {
  assert.equal(
    faultOf(
      changed(() => {}),
      BASE,
    ),
    undefined,
  );
  assert.equal(
    faultOf(
      changed(() => {}),
      undefined,
    ),
    undefined,
  );
  assert.equal(
    faultOf(
      changed((header) => header.writeBigUInt64BE(1n, 72)),
      BASE,
    ),
    undefined,
  );
});

const FAULTS: readonly (readonly [string, (header: Buffer) => void, RegExp])[] = [
  ['an external data file', (header) => header.writeBigUInt64BE(4n, 72), /features/],
  ['encryption', (header) => header.writeUInt32BE(2, 32), /features/],
  ['another base', (header) => header.write('/etc/shadow', 128), /over its base/],
  ['no base', (header) => header.writeUInt32BE(0, 16), /over its base/],
  ['a base of another format', (header) => header.write('vmdk', 112), /raw/],
  ['version 2, whose header is shorter', (header) => header.writeUInt32BE(2, 4), /version 3/],
  ['no qcow2 at all', (header) => header.fill(0, 0, 4), /qcow2/],
];

for (const [what, change, why] of FAULTS)
  test(`a disk in whose header somebody wrote ${what} is not ours`, () => {
    assert.match(faultOf(changed(change), BASE) ?? '', why);
  });

test('a base that is no path is none, where the base is not known', () => {
  const header = changed((one) => one.write('json:{"driver":"nbd"}', 128));
  assert.match(faultOf(header, undefined) ?? '', /over its base/);
});

test('whatever the header holds, looking at it ends', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 300 }), fc.nat(200), (bytes, at) => {
      const header = changed((one) => one.set(bytes, at));
      faultOf(header, BASE);
      faultOf(header.subarray(0, at), BASE);
    }),
  );
});
