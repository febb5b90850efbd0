// The stand-in for Firecracker refuses what Firecracker refuses: order, sizes, connections, methods. Expected words and
// codes are those of its published API and of its HTTP server.
import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { restPipe } from '../../../engine/src/vmm/rest/http-pipe.ts';
import { serveFirecracker, standInFirecracker } from '../../stand-in/firecracker/index.ts';

const soon = () => AbortSignal.timeout(180_000);

function connect(machine: ReturnType<typeof standInFirecracker>) {
  const [ours, theirs] = duplexPair();
  serveFirecracker(machine, theirs);
  return restPipe('Firecracker', ours);
}

const fresh = () => ({ ...standInFirecracker('1.16.1'), state: 'Not started' as const });

for (const [what, machine, method, path, body, says] of [
  [
    'a drive after the start',
    standInFirecracker('1.16.1'),
    'PUT',
    '/drives/a',
    { drive_id: 'a', is_root_device: false },
    /after starting/,
  ],
  [
    'a second start',
    standInFirecracker('1.16.1'),
    'PUT',
    '/actions',
    { action_type: 'InstanceStart' },
    /after starting/,
  ],
  ['a pause before the start', fresh(), 'PATCH', '/vm', { state: 'Paused' }, /before starting/],
  [
    'Ctrl-Alt-Del before the start',
    fresh(),
    'PUT',
    '/actions',
    { action_type: 'SendCtrlAltDel' },
    /before starting/,
  ],
  [
    'an unknown field',
    fresh(),
    'PUT',
    '/vsock',
    { guest_cid: 3, uds_path: '/v', later: 1 },
    /deserializing.*later/,
  ],
  [
    'a field of a later version',
    { ...fresh(), version: '1.15.1' },
    'PUT',
    '/network-interfaces/eth0',
    { iface_id: 'eth0', host_dev_name: 'tap0', mtu: 1500 },
    /deserializing.*mtu/,
  ],
  [
    'a number out of bounds',
    fresh(),
    'PUT',
    '/machine-config',
    { vcpu_count: 33, mem_size_mib: 128 },
    /1 to 32/,
  ],
  [
    'another id in the path',
    fresh(),
    'PUT',
    '/drives/b',
    { drive_id: 'a', is_root_device: false },
    /does not match/,
  ],
  [
    'an id with a hyphen',
    fresh(),
    'PUT',
    '/drives/a-b',
    { drive_id: 'a-b', is_root_device: false },
    /alphanumeric/,
  ],
  [
    'a limiter of a drive that is not there',
    standInFirecracker('1.16.1'),
    'PATCH',
    '/drives/a',
    { drive_id: 'a' },
    /no a/,
  ],
  ['a body with GET', fresh(), 'GET', '/version', {}, /cannot have a body/],
  ['no body with PUT', fresh(), 'PUT', '/actions', undefined, /Empty PUT/],
  ['a call that there is not', fresh(), 'PUT', '/reboot', {}, /Invalid request method/],
] as const)
  test(`${what} is refused with 400 and a fault message`, async () => {
    await using pipe = connect(machine);
    const { status, body: answer } = await pipe.send(method, path, body, soon());
    assert.equal(status, 400);
    assert.match(String(Reflect.get(Object(answer), 'fault_message')), says);
  });

test('a start, its order: configured, started, paused', async () => {
  const machine = fresh();
  await using pipe = connect(machine);
  for (const [method, path, body] of [
    ['PUT', '/boot-source', { kernel_image_path: '/kernel' }],
    ['PUT', '/drives/root', { drive_id: 'root', is_root_device: true, path_on_host: '/disk' }],
    ['PUT', '/mmds/config', { version: 'V2', network_interfaces: ['eth0'] }],
    ['PUT', '/actions', { action_type: 'InstanceStart' }],
    ['PATCH', '/vm', { state: 'Paused' }],
  ] as const)
    assert.equal((await pipe.send(method, path, body, soon())).status, 204, path);
  assert.equal(machine.state, 'Paused');
});

test('a body of more than 51200 bytes is refused by the connection; ours never sends one', async () => {
  const [ours, theirs] = duplexPair();
  serveFirecracker(fresh(), theirs);
  ours.write('PUT /vsock HTTP/1.1\r\nContent-Length: 51201\r\n\r\n');
  const [said] = (await ours.setEncoding('utf8').take(1).toArray({ signal: soon() })) as string[];
  assert.match(said ?? '', /^HTTP\/1\.1 400 [^]*larger than the limit of 51200/);
  await using pipe = connect(fresh());
  await assert.rejects(pipe.send('PUT', '/vsock', { uds_path: 'x'.repeat(60_000) }, soon()), {
    code: 'vmm/request-too-large',
  });
});

test('the eleventh connection is told that there are too many', async (t) => {
  const machine = standInFirecracker('1.16.1');
  const pipes = Array.from({ length: 11 }, () => connect(machine));
  t.after(() => Promise.all(pipes.map((pipe) => pipe[Symbol.asyncDispose]())));
  const answers = await Promise.all(pipes.map((pipe) => pipe.send('GET', '/version', undefined, soon())));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [...Array.from({ length: 10 }, () => 200), 503],
  );
});
