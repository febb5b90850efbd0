// Without root: a user's own daemon, VMs in user networks, and what a hostile guest reaches through one.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { VmDocument } from '@ignite/client';
import { freePort } from '../registry/docker-registry.ts';
import {
  igniteOk,
  image,
  makeOrdinaryUser,
  type OrdinaryUser,
  runProgram,
  runSleeper,
  vmName,
  waitFor,
} from './world/index.ts';

const SERVE = 'mkdir -p /www; echo hello from the guest > /www/index.html; httpd -p 80 -h /www';
const SLEEP = 'trap "exit 0" TERM; echo up; sleep 100000 & wait';

/** Services of the host that count who comes: one on loopback only, one on all addresses. */
async function listenOnHost(
  address: string,
): Promise<{ port: number; reached: () => number; close(): void }> {
  let reached = 0;
  const server = createServer((socket) => {
    reached += 1;
    socket.on('error', () => {});
    socket.end('secret');
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const bound = server.address();
  assert.ok(typeof bound === 'object' && bound !== null);
  return { port: bound.port, reached: () => reached, close: () => server.close() };
}

/** The guest gives up its own loopback, so that packets for 127.0.0.1 leave it, and tries every name of the host. */
function attack(ports: readonly number[]): string {
  const own = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
  const tries = ports.flatMap((port) =>
    ['10.0.2.2', '127.0.0.1', ...own.slice(0, 2)].map((address) => `nc -w 2 ${address} ${port} < /dev/null`),
  );
  return [
    'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet',
    'ip addr del 127.0.0.1/8 dev lo; ip link set lo down',
    'ip route add 127.0.0.0/8 via 10.0.2.2 dev eth0',
    'sent=$(cat /sys/class/net/eth0/statistics/tx_packets)',
    ...tries,
    'echo sent $(($(cat /sys/class/net/eth0/statistics/tx_packets) - sent))',
  ].join('\n');
}

describe('a daemon of an ordinary user', () => {
  let user: OrdinaryUser;
  let port = 0;
  const ok = async (argv: readonly string[]) => {
    const { code, stdout, stderr } = await user.ignite(argv);
    assert.equal(code, 0, `ignite ${argv.join(' ')}: exit ${code}\n${stderr}`);
    return stdout.replace(/\n$/, '');
  };
  const sleeper = (name: string, ...flags: readonly string[]) =>
    ok(['run', '-d', '--name', name, ...flags, image('busybox'), 'sh', '-c', SLEEP]);

  test('a volume is the user’s own; folders of the host need root, and it is said what works', async () => {
    await ok(['exec', 'web', 'sh', '-c', 'echo kept > /data/file && sync']);
    await ok(['volume', 'resize', 'data', '11GB']);
    assert.match(
      await ok(['volume', 'ls', '--format', '{{.Name}} {{.Size}} {{.UsedBy}}']),
      /^data 11\.0 GB web/m,
    );
    const { code, stderr } = await user.ignite(['create', '-v', '/usr/share:/x:ro', image('busybox')]);
    assert.equal(code, 1);
    assert.match(stderr, /Folders cannot be shared here: .*root.*ignite cp/s);
  });

  before(async () => {
    user = await makeOrdinaryUser();
    port = await freePort();
    await sleeper('web', '-p', `${port}:80`, '-v', 'data:/data');
    await ok(['exec', 'web', 'sh', '-c', SERVE]);
  });
  after(() => user[Symbol.asyncDispose]());

  test('run gives the output and the exit code', async () => {
    const { code, stdout, stderr } = await user.ignite([
      ...['run', '--rm', image('busybox'), 'sh', '-c', 'echo out; exit 7'],
    ]);

    assert.deepEqual({ code, stdout }, { code: 7, stdout: 'out\n' }, stderr);
  });

  test('inspect says what carries the network; passt and QEMU are the user’s', async () => {
    const { bound, spec } = JSON.parse(await ok(['inspect', 'vm', 'web'])) as VmDocument;
    const nic = bound?.nics?.[0];

    assert.equal(spec.network?.mode, 'user');
    assert.ok(nic?.mode === 'user');
    assert.deepEqual([nic.backend, nic.hostLoopback], ['passt', false]);
    const lines = (await user.processes()).join('\n');
    assert.match(lines, /qemu-system/);
    assert.match(lines, /passt .*--no-map-gw/);
  });

  test('a published port answers curl; logs, exec and cp work', async () => {
    const { stdout, stderr } = await runProgram(['curl', '-sS', '-m', '120', `http://127.0.0.1:${port}/`]);
    assert.equal(stdout, 'hello from the guest\n', stderr);

    await waitFor('the command has spoken', async () => (await ok(['logs', 'web'])) === 'up');
    assert.equal(await ok(['exec', 'web', 'id', '-u']), '0');
    await writeFile(join(user.home, 'note'), 'carried');
    await ok(['cp', join(user.home, 'note'), 'web:/note']);
    assert.equal(await ok(['exec', 'web', 'cat', '/note']), 'carried');
    await ok(['cp', 'web:/note', join(user.home, 'back')]);
    assert.equal(await readFile(join(user.home, 'back'), 'utf8'), 'carried');
  });

  test('what needs root, and a taken port, are refused with what to do', async () => {
    const run = (...flags: readonly string[]) =>
      user.ignite(['run', '--rm', ...flags, image('busybox'), 'true']);

    assert.match((await run('--network', 'bridge')).stderr, /needs root.*--network user/s);
    assert.match((await run('-p', '80:80')).stderr, /Port 80\/tcp .* for root only/);
    assert.match((await run('-p', `${port}:80`)).stderr, new RegExp(`${port}/tcp .* taken by VM web`));
  });

  test('a hostile guest reaches no service of the host, by any address', async () => {
    const [loopback, everywhere] = await Promise.all([listenOnHost('127.0.0.1'), listenOnHost('0.0.0.0')]);
    try {
      await sleeper('hostile');
      const script = attack([loopback.port, everywhere.port]);
      const { stdout } = await user.ignite(['exec', 'hostile', 'sh', '-c', script]);

      assert.match(stdout, /sent [1-9]/, 'the packets never left the guest: nothing was shown');
      assert.doesNotMatch(stdout, /secret/);
      assert.deepEqual([loopback.reached(), everywhere.reached()], [0, 0]);
    } finally {
      loopback.close();
      everywhere.close();
      await ok(['rm', '-f', 'hostile']);
    }
  });

  test('it reaches them at its gateway where the user allows it by name', async () => {
    const loopback = await listenOnHost('127.0.0.1');
    try {
      await sleeper('allowed', '--network', 'user,host-loopback=allow');
      const { stdout } = await user.ignite([
        ...['exec', 'allowed', 'sh', '-c', `timeout 120 nc 10.0.2.2 ${loopback.port} < /dev/null`],
      ]);

      assert.match(stdout, /secret/);
    } finally {
      loopback.close();
      await ok(['rm', '-f', 'allowed']);
    }
  });

  test('stop and rm leave no process and no file', async () => {
    await ok(['stop', 'web']);
    await waitFor('nothing runs', async () => (await user.processes()).length === 0);
    await ok(['start', 'web']);
    await ok(['rm', '-f', 'web']);

    await waitFor('nothing runs', async () => (await user.processes()).length === 0);
    assert.deepEqual(await user.vmFiles(), []);
  });
});

test("root's daemon gives a user network where it is asked for, and passt has the VM's user", async (t) => {
  const vm = vmName(t, 'user');
  const port = await freePort();
  await runSleeper(vm, ['--network', 'user', '-p', `127.0.0.1:${port}:80`]);
  await igniteOk(['exec', vm, 'sh', '-c', SERVE]);

  const { stdout, stderr } = await runProgram(['curl', '-sS', '-m', '120', `http://127.0.0.1:${port}/`]);
  const owners = await runProgram(['ps', '-eo', 'uid=,args=']);

  assert.equal(stdout, 'hello from the guest\n', stderr);
  const { bound } = JSON.parse(await igniteOk(['inspect', 'vm', vm])) as VmDocument;
  assert.match(
    owners.stdout,
    new RegExp(`^ *${bound?.uid} .*passt --fd 3 .*127\\.0\\.0\\.1/${port}:80`, 'm'),
  );
  await igniteOk(['rm', '-f', vm]);
  await waitFor('passt is gone', async () => {
    const { stdout } = await runProgram(['ps', '-eo', 'args=']);
    return !stdout.includes(`127.0.0.1/${port}:80`);
  });
});
