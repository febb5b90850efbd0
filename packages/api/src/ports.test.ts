import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIgniteError } from './errors/index.ts';
import { formatPort, formatPorts, parsePorts, portsCollide } from './ports.ts';

const tcp = (hostPort: number, vmPort: number, bindAddress?: string) => ({
  ...(bindAddress === undefined ? {} : { bindAddress }),
  hostPort,
  vmPort,
  protocol: 'tcp' as const,
});

test('API-T05, NET-P1, BUG-29: the forms of the original and of Docker', () => {
  assert.deepEqual(parsePorts('80'), [tcp(0, 80)]);
  assert.deepEqual(parsePorts('8080:80'), [tcp(8080, 80)]);
  assert.deepEqual(parsePorts('8080:80/TCP'), [tcp(8080, 80)]);
  assert.deepEqual(parsePorts('127.0.0.1:8080:80/udp'), [{ ...tcp(8080, 80, '127.0.0.1'), protocol: 'udp' }]);
  assert.deepEqual(parsePorts('127.0.0.1::80'), [tcp(0, 80, '127.0.0.1')]);
  assert.deepEqual(parsePorts('[::1]:8080:80'), [tcp(8080, 80, '::1')]);
  assert.deepEqual(parsePorts('[0:0::1]::80'), [tcp(0, 80, '::1')]);
  assert.deepEqual(parsePorts('8000-8002:90-92'), [tcp(8000, 90), tcp(8001, 91), tcp(8002, 92)]);
  assert.deepEqual(parsePorts('90-91/udp').length, 2);
});

test('what is no port mapping', () => {
  const bad = [
    '',
    ':',
    ':80',
    '80:',
    'a:80',
    '80:b',
    '80/sctp',
    '80/',
    '0',
    '80:0',
    '65536',
    '80:65536',
    '80-82:80',
    '80-79:80-79',
    '1.2.3:80:80',
    '::1:80:80',
    '[::1]80:80',
    '[::1]:80',
    '[x]:80:80',
    '1:2:3:4',
    ' 80',
    '80 ',
    '-80',
    '8e1',
    '0-2:0-2',
  ];
  for (const text of bad)
    assert.throws(
      () => parsePorts(text),
      (error) => isIgniteError(error, 'api/invalid-port'),
      text,
    );
});

test('API-T04: the original’s printed form', () => {
  const ports = [...parsePorts('8080:80'), ...parsePorts('127.0.0.1:53:53/udp'), ...parsePorts('[::1]:1:2')];
  assert.equal(formatPorts(ports), '0.0.0.0:8080->80/tcp, 127.0.0.1:53->53/udp, [::1]:1->2/tcp');
  assert.equal(formatPort(tcp(0, 80)), '0.0.0.0:0->80/tcp');
});

test('BUG-27: collisions: same port and protocol on overlapping addresses, in both directions', () => {
  const [all, one, other, any] = [
    tcp(80, 1),
    tcp(80, 2, '127.0.0.1'),
    tcp(80, 3, '10.0.0.1'),
    tcp(80, 4, '::'),
  ];
  const udp = { ...all, protocol: 'udp' as const };
  for (const [a, b, collide] of [
    [all, one, true],
    [any, one, true],
    [one, other, false],
    [one, one, true],
    [all, udp, false],
    [tcp(0, 1), tcp(0, 1), false],
    [all, tcp(81, 1), false],
  ] as const) {
    assert.equal(portsCollide(a, b), collide);
    assert.equal(portsCollide(b, a), collide);
  }
});

test('any text gives mappings within bounds or the one error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9:./[\]-]{0,24}$/)), (text) => {
      try {
        for (const port of parsePorts(text)) {
          assert.ok(port.vmPort >= 1 && port.vmPort <= 65535 && port.hostPort <= 65535);
        }
      } catch (error) {
        assert.ok(isIgniteError(error, 'api/invalid-port'));
      }
    }),
    { numRuns: 1000 },
  );
});
