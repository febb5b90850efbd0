// Real VMs on networks that others make.
import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { igniteOk, ignite, inspect, place, runProgram, runSleeper, vmName } from './world/index.ts';

const SERVE = 'mkdir -p /www; echo hello from the guest > /www/index.html; httpd -p 80 -h /www';

describe('a VM on a network of CNI', () => {
  test('has the address, the MAC, the routes and the DNS of the plugin’s interface, and gives them back', async (t) => {
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
            type: 'ptp',
            dns: { nameservers: ['10.98.207.1'] },
            ipam: {
              type: 'host-local',
              dataDir: leases,
              ranges: [[{ subnet: '10.98.207.0/24' }]],
              routes: [{ dst: '0.0.0.0/0' }],
            },
          },
        ],
      }),
    );
    const vm = vmName(t, 'cni');
    await runSleeper(vm, ['--network', 'cni:e2e']);
    const { status, bound } = await inspect(vm);
    const [address = ''] = status.network?.ipAddresses ?? [];
    const [nic] = bound?.nics ?? [];
    assert.match(address, /^10\.98\.207\.\d+$/);
    assert.ok(nic?.mode === 'cni');

    const look = 'ip addr show eth0; ip route; cat /etc/resolv.conf';
    const seen = await igniteOk(['exec', vm, 'sh', '-c', look]);
    assert.ok(seen.includes(`inet ${address}/32`), seen);
    assert.ok(seen.includes(nic.given?.[0]?.mac ?? 'no MAC'), seen);
    assert.match(seen, /default via 10\.98\.207\.1/);
    assert.match(seen, /nameserver 10\.98\.207\.1/);
    await igniteOk(['exec', vm, 'sh', '-c', SERVE]);
    const { stdout, stderr } = await runProgram(['curl', '-sS', '-m', '20', `http://${address}/`]);
    assert.equal(stdout, 'hello from the guest\n', stderr);

    await igniteOk(['stop', vm]);
    assert.deepEqual((await inspect(vm)).status.network?.ipAddresses, []);
    await igniteOk(['start', '--network-plugin', 'cni', vm]);
    assert.match((await ignite(['start', '--network-plugin', 'bridge', vm])).stderr, /has the network cni/);
    assert.equal((await readdir(join(leases, 'e2e'))).filter((name) => name.startsWith('10.')).length, 1);
    await igniteOk(['rm', '-f', vm]);
    assert.deepEqual(
      (await readdir(join(leases, 'e2e'))).filter((name) => name.startsWith('10.')),
      [],
    );
  });
});
