import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkWords } from './network-words.ts';

for (const [words, expected] of [
  [[], {}],
  [['default'], {}],
  [['bridge'], { mode: 'bridge' }],
  [['bridge,ip=10.62.0.9'], { mode: 'bridge', ip: '10.62.0.9' }],
  [
    ['lab,ip=10.80.0.9,mac=02:00:00:00:00:09'],
    { mode: 'bridge', name: 'lab', ip: '10.80.0.9', mac: '02:00:00:00:00:09' },
  ],
  [['bridge,bw=2MB'], { mode: 'bridge', bandwidth: '2MB' }],
  [['default', 'lab,bw=1MB'], { interfaces: [{ name: 'lab', bandwidth: '1MB' }] }],
  [['user'], { mode: 'user' }],
  [['none'], { mode: 'none' }],
  [['cni'], { mode: 'cni' }],
  [['docker-bridge'], { mode: 'docker-bridge' }],
  [['cni:my-net'], { mode: 'cni', name: 'my-net' }],
  [['user,host-loopback=allow'], { mode: 'user', hostLoopback: true }],
  [['user,host-loopback=allow,host-loopback=deny'], { mode: 'user', hostLoopback: false }],
  [
    ['bridge', 'lab,ip=10.80.0.9', 'lab'],
    { mode: 'bridge', interfaces: [{ name: 'lab', ip: '10.80.0.9' }, { name: 'lab' }] },
  ],
  [['default', 'lab'], { interfaces: [{ name: 'lab' }] }],
] as const)
  test(`--network ${words.join(' --network ')}`, () => assert.deepEqual(networkWords(words), expected));

for (const [words, says] of [
  [['cni:'], /NAME/],
  [['cni,ip=10.0.2.9'], /no options/],
  [['none,ip=10.0.2.9'], /no options/],
  [['user,ip=10.0.2.9'], /host-loopback=allow/],
  [['user,host-loopback=yes'], /host-loopback=allow/],
  [['Weave'], /go together/],
  [['lab,dns=1.1.1.1'], /ip=ADDRESS/],
  [['user', 'lab'], /go together/],
  [['lab', 'cni'], /go together/],
] as const)
  test(`--network ${words.join(' --network ')} is refused`, () => {
    assert.throws(() => networkWords(words), says);
  });
