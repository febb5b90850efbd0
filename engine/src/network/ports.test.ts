import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PortMapping } from './port.ts';
import { describePort, listenerOf, parseListeners, portsCollide, randomHostPort } from './ports.ts';

const web: PortMapping = { hostPort: 80, vmPort: 8080, protocol: 'tcp' };

test('two ports collide where bind(2) would refuse the second', () => {
  const at = (bindAddress: string): PortMapping => ({ ...web, bindAddress });
  assert.equal(portsCollide(web, web), true);
  assert.equal(portsCollide(web, at('127.0.0.1')), true);
  assert.equal(portsCollide(at('0.0.0.0'), at('127.0.0.1')), true);
  assert.equal(portsCollide(at('127.0.0.1'), at('127.0.0.1')), true);
  assert.equal(portsCollide(at('127.0.0.1'), at('127.0.0.2')), false);
  assert.equal(portsCollide(web, { ...web, protocol: 'udp' }), false);
  assert.equal(portsCollide(web, { ...web, hostPort: 81 }), false);
});

test('listeners are read from ss', () => {
  const text = [
    'udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=7,fd=13))',
    'tcp LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=12,fd=6),("nginx",pid=11,fd=6))',
    'tcp LISTEN 0 128 [::]:22 [::]:*',
    'tcp LISTEN 0 128 *:9090 *:*',
    'tcp LISTEN 0 128 [::1]:631 [::]:*',
    'tcp LISTEN 0 128 [::ffff:127.0.0.1]:8005 *:*',
    '',
  ].join('\n');
  const found = parseListeners(text);
  assert.deepEqual(
    found.map(({ protocol, address, port, process }) => [protocol, address, port, process]),
    [
      ['udp', '127.0.0.53', 53, 'systemd-resolve (pid 7)'],
      ['tcp', undefined, 80, 'nginx (pid 12)'],
      ['tcp', undefined, 22, undefined],
      ['tcp', undefined, 9090, undefined],
      ['tcp', '127.0.0.1', 8005, undefined],
    ],
  );
  assert.equal(listenerOf({ ...web, bindAddress: '127.0.0.1' }, found)?.process, 'nginx (pid 12)');
  assert.equal(listenerOf({ ...web, hostPort: 631 }, found), undefined);
});

test('a random port is in the ephemeral range, free, and the same when asked again', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(9), (seed, modulus) => {
      const isFree = (port: number) => port % 10 !== modulus;
      const port = randomHostPort(seed, isFree) ?? assert.fail();
      assert.ok(port >= 32_768 && port <= 60_999 && isFree(port));
      assert.equal(randomHostPort(seed, isFree), port);
    }),
  );
  assert.equal(
    randomHostPort('seed', () => false),
    undefined,
  );
});

test('a port is described as it was asked for', () => {
  assert.equal(describePort(web), '80/tcp');
  assert.equal(describePort({ ...web, bindAddress: '127.0.0.1' }), '127.0.0.1:80/tcp');
});
