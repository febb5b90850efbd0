// Commands on networks, and --network of create, against a daemon that is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeNetwork, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';

test('networks are told by name: create, ls, inspect, rm', async () => {
  await using daemon = await startFakeDaemon();
  const words = [
    'network',
    'create',
    'lab',
    '--subnet',
    '10.80.0.0/24',
    '--dns',
    '9.9.9.9,1.1.1.1',
    '--mtu',
    '1400',
  ];
  const made = await ignite(words, { daemon });
  assert.deepEqual([made.code, made.stdout], [0, 'lab\n']);
  assert.deepEqual(daemon.requests.at(-1)?.json, {
    name: 'lab',
    subnet: '10.80.0.0/24',
    mtu: 1400,
    dns: ['9.9.9.9', '1.1.1.1'],
  });
  assert.match((await ignite(['net', 'ls'], { daemon })).stdout, /^NAME +SUBNET .*\nlab +10\.80\.0\.0\/24 /);
  assert.equal((await ignite(['networks', '-q'], { daemon })).stdout, 'lab\n');
  const json = await ignite(['network', 'ls', '--format', 'json'], { daemon });
  assert.equal(JSON.parse(json.stdout).Subnet, '10.80.0.0/24');
  const gateway = await ignite(['network', 'inspect', '-f', '{{.status.gateway}}', 'lab'], { daemon });
  assert.equal(gateway.stdout, '10.80.0.1\n');
  assert.equal((await ignite(['network', 'rm', 'lab', 'lab'], { daemon })).code, 1);
  assert.equal((await ignite(['network', 'rm', '-f', 'lab'], { daemon })).code, 0);
});

test('create sends networks, addresses and MACs', async () => {
  await using daemon = await startFakeDaemon();
  const words = ['create', '--network', 'bridge', '--net', 'lab,ip=10.80.0.9,bw=2MB', '--ip', '10.62.0.9'];
  const policy = ['--policy', 'public', '--allow', '10.1.0.0/16,10.2.3.4:tcp/5432'];
  assert.equal(
    (await ignite([...words, ...policy, '--mac', '02:00:00:00:00:09', 'alpine'], { daemon })).code,
    0,
  );
  const sent = daemon.requests.find(({ path }) => path === '/v1/vms')?.json?.['spec'];
  assert.ok(typeof sent === 'object' && sent !== null && 'network' in sent);
  assert.deepEqual(sent.network, {
    mode: 'bridge',
    ip: '10.62.0.9',
    mac: '02:00:00:00:00:09',
    interfaces: [{ name: 'lab', ip: '10.80.0.9', bandwidth: '2MB' }],
    policy: {
      preset: 'public',
      allow: [{ cidr: '10.1.0.0/16' }, { cidr: '10.2.3.4', protocol: 'tcp', port: 5432 }],
    },
  });
});

test('completion knows the networks', async () => {
  await using daemon = await startFakeDaemon();
  daemon.networks.push(fakeNetwork('lab'));
  assert.equal((await ignite(['__complete', 'network', 'rm', ''], { daemon })).stdout, 'lab\n');
});
