import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interfacesIn } from './foreign-firewalld.ts';

test('the interfaces that firewalld has in a zone are read from its chain', () => {
  const chain = `table inet firewalld {
	chain filter_FORWARD_ZONES {
		iifname "ign0" goto filter_FWD_trusted
		iifname "eth0" goto filter_FWD_public
		goto filter_FWD_public
	}
}`;
  assert.deepEqual(interfacesIn(chain), ['ign0', 'eth0']);
  assert.deepEqual(interfacesIn(''), []);
});
