import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkNames, tapName } from './names.ts';

test('every name of the host carries instance and ordinal, interface names fit 15 bytes', () => {
  const names = networkNames('9f2c1a7b-44aa', 3);
  assert.deepEqual(names, {
    link: 'ign3',
    alias: 'ignite 9f2c1a7b 3',
    netns: 'ignite-3-9f2c1a7b-ign3',
    netnsPath: '/run/netns/ignite-3-9f2c1a7b-ign3',
    table: 'ignite_3_9f2c1a7b',
    mark: 'ignite-3-9f2c1a7b',
  });
  assert.equal(tapName(0, 17), 'ign0t17');
  assert.ok(tapName(255, 4095).length <= 15 && networkNames('x', 255).link.length <= 15);
});
