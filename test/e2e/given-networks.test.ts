// Real VMs on networks that others make.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startDockerd } from '../containers/index.ts';
import { directory, file, symlink as link, tarOf } from '../images/index.ts';
import { freePort } from '../registry/docker-registry.ts';
import {
  type Hooks,
  igniteOk,
  ignite,
  image,
  inspect,
  place,
  runProgram,
  runSleeper,
  SLEEP,
  vmName,
  waitFor,
} from './world/index.ts';

const SERVE = 'mkdir -p /www; echo hello from the guest > /www/index.html; httpd -p 80 -h /www';

const LINK = 'cni-e2e';

/** A bridge of the test: one that the plugin makes as a gateway would turn forwarding on for the whole machine. */
async function makeBridge(hooks: Hooks): Promise<void> {
  const ip = async (...words: readonly string[]) =>
    assert.equal((await runProgram(['ip', ...words])).code, 0, words.join(' '));
  await ip('link', 'add', LINK, 'type', 'bridge');
  hooks.after(() => ip('link', 'del', LINK));
  await ip('address', 'add', '10.98.207.1/24', 'dev', LINK);
  await ip('link', 'set', LINK, 'up');
}

describe('a VM on a network of CNI', () => {
  test('has the address, the MAC, the routes and the DNS of the plugin’s interface, and gives them back', async (t) => {
    await makeBridge(t);
    const folder = join(place().root, 'cni');
    const leases = join(place().scratch, 'leases');
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, '10-e2e.conflist'),
      JSON.stringify({
        cniVersion: '1.0.0',
        name: 'e2e',
        plugins: [
          {
            type: 'bridge',
            bridge: LINK,
            dns: { nameservers: ['10.98.207.1'] },
            ipam: {
              type: 'host-local',
              dataDir: leases,
              ranges: [
                [{ subnet: '10.98.207.0/24' }],
                [{ subnet: '10.98.208.0/24' }],
                [{ subnet: 'fd98:207::/64' }],
              ],
              routes: [{ dst: '0.0.0.0/0' }, { dst: 'fd99::/64', gw: 'fd98:207::1' }],
            },
          },
        ],
      }),
    );
    const vm = vmName(t, 'cni');
    await igniteOk(['create', '--name', vm, '--network', 'cni:e2e', image('busybox'), 'sh', '-c', SLEEP]);
    assert.match((await ignite(['start', '--network-plugin', 'bridge', vm])).stderr, /has the network cni/);
    await igniteOk(['start', '--network-plugin', 'cni', vm]);
    const { status, bound } = await inspect(vm);
    const [address = ''] = status.network?.ipAddresses ?? [];
    const leased = async () =>
      (await readdir(join(leases, 'e2e'))).filter((name) => name.startsWith('10.')).length;
    assert.equal(await leased(), 2);
    const [nic] = bound?.nics ?? [];
    assert.match(address, /^10\.98\.207\.\d+$/);
    assert.ok(nic?.mode === 'cni');

    const look = 'ip addr show eth0; ip route; ip -6 route; cat /etc/resolv.conf';
    const seen = await igniteOk(['exec', vm, 'sh', '-c', look]);
    assert.ok(seen.includes(`inet ${address}/24`), seen);
    assert.ok(seen.includes(nic.given?.[0]?.mac ?? 'no MAC'), seen);
    assert.match(seen, /inet 10\.98\.208\.\d+\/24/);
    assert.match(seen, /inet6 fd98:207::[0-9a-f]+\/64/);
    assert.match(seen, /fd99::\/64 via fd98:207::1/);
    assert.match(seen, /default via 10\.98\.207\.1/);
    assert.match(seen, /nameserver 10\.98\.207\.1/);
    // An image that insists on DHCP is told the same.
    const asked = await igniteOk([
      'exec',
      vm,
      'sh',
      '-c',
      'udhcpc -i eth0 -n -q -t 20 -T 2 -s /bin/true 2>&1',
    ]);
    assert.match(asked, new RegExp(`lease of ${address} obtained from 10\\.98\\.207\\.1`));
    await igniteOk(['exec', vm, 'sh', '-c', SERVE]);
    const { stdout, stderr } = await runProgram(['curl', '-sS', '-m', '120', `http://${address}/`]);
    assert.equal(stdout, 'hello from the guest\n', stderr);

    await igniteOk(['stop', vm]);
    assert.deepEqual((await inspect(vm)).status.network?.ipAddresses, []);
    assert.equal(await leased(), 0);
  });
});

test('a VM on Docker’s bridge and a container reach each other, and Docker publishes the VM’s port', async (t) => {
  const netns = `igt-${randomBytes(4).toString('hex')}-docker`;
  const inside = (...argv: readonly string[]) => runProgram(['ip', 'netns', 'exec', netns, ...argv]);
  await runProgram(['ip', 'netns', 'add', netns]);
  t.after(async () => void (await runProgram(['ip', 'netns', 'del', netns])));
  await inside('ip', 'link', 'set', 'lo', 'up');
  await using dockerd = await startDockerd({ netns });
  const socket = join(place().root, 'docker.sock');
  await symlink(dockerd.host.slice('unix://'.length), socket);
  try {
    const rootfs = join(place().scratch, 'box.tar');
    const box = file('bin/busybox', await readFile('/bin/busybox'), { mode: 0o755 });
    const links = ['sh', 'mkdir', 'httpd', 'wget'].map((name) => link(`bin/${name}`, 'busybox'));
    await writeFile(rootfs, await tarOf([directory('bin'), box, ...links]));
    await dockerd.docker('import', rootfs, 'box:1');
    const id = (
      await dockerd.docker('run', '-d', 'box:1', 'sh', '-c', `${SERVE}; exec httpd -f -p 81`)
    ).trim();
    const container = (await dockerd.docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', id)).trim();

    const port = await freePort();
    const vm = vmName(t, 'docker');
    await runSleeper(vm, ['--network-plugin', 'docker-bridge', '-p', `${port}:80`]);
    const [address = ''] = (await inspect(vm)).status.network?.ipAddresses ?? [];
    assert.match(address, /^172\.17\.0\.\d+$/);
    await igniteOk(['exec', vm, 'sh', '-c', SERVE]);
    const hello = 'hello from the guest\n';
    assert.equal(await dockerd.docker('exec', id, 'wget', '-qO-', `http://${address}/`), hello);
    const answer = async () => (await ignite(['exec', vm, 'wget', '-qO-', `http://${container}/`])).stdout;
    await waitFor('the container serves', async () => (await answer()) === hello);
    assert.equal((await inside('curl', '-sS', '-m', '120', `http://127.0.0.1:${port}/`)).stdout, hello);

    await igniteOk(['rm', '-f', vm]);
    assert.equal((await dockerd.docker('ps', '-aq', '--no-trunc')).trim(), id);
    await dockerd.docker('rm', '-f', id);
  } finally {
    await unlink(socket);
  }
});
