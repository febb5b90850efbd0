// Published ports, and what a hostile guest can reach.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../registry/docker-registry.ts';
import { igniteOk, ignite, inspect, runProgram, runSleeper, vmName, waitFor } from './world/index.ts';

describe('a VM with a published port', () => {
  const vm = vmName({ after }, 'ports');
  let port = 0;
  before(async () => {
    port = await freePort();
    await runSleeper(vm, ['-p', `${port}:80`]);
    const serve = 'mkdir -p /www; echo hello from the guest > /www/index.html; httpd -p 80 -h /www';
    await igniteOk(['exec', vm, 'sh', '-c', serve]);
  });

  test('curl is answered on 127.0.0.1 and on addresses of the host', async () => {
    const addresses = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ family, address }) => family === 'IPv4' && !address.startsWith('169.'))
      .map(({ address }) => address);
    assert.ok(addresses.includes('127.0.0.1'));

    for (const address of addresses.slice(0, 3)) {
      const { stdout, stderr } = await runProgram(['curl', '-sS', '-m', '120', `http://${address}:${port}/`]);
      assert.equal(stdout, 'hello from the guest\n', `${address}: ${stderr}`);
    }
  });

  test('ps shows the port', async () => {
    assert.match(
      await igniteOk(['ps', '--format', '{{.Names}} {{.Ports}}']),
      new RegExp(`${vm} .*${port}->80/tcp`),
    );
  });

  test('a hostile guest does not reach a service on the 127.0.0.1 of the host', async () => {
    let reached = 0;
    const server = createServer((socket) => {
      reached += 1;
      socket.end('secret');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    try {
      const [nic] = (await inspect(vm)).bound?.nics ?? [];
      assert.ok(nic?.mode === 'bridge');
      const { gateway } = nic;
      // The guest gives up its own loopback and sends packets for 127.0.0.1 to the gateway; then it asks the gateway.
      const attack = [
        'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet',
        'ip addr del 127.0.0.1/8 dev lo; ip link set lo down',
        'dev=$(ls /sys/class/net | grep -v lo | head -1)',
        `ip route add 127.0.0.0/8 via ${gateway} dev $dev`,
        'sent=$(cat /sys/class/net/$dev/statistics/tx_packets)',
        `nc -w 3 127.0.0.1 ${address.port} < /dev/null; nc -w 3 ${gateway} ${address.port} < /dev/null`,
        'echo sent $(($(cat /sys/class/net/$dev/statistics/tx_packets) - sent))',
      ].join('\n');

      const { stdout } = await ignite(['exec', vm, 'sh', '-c', attack]);

      assert.match(stdout, /sent [1-9]/, 'the packets never left the guest: nothing was shown');
      assert.doesNotMatch(stdout, /secret/);
      assert.equal(reached, 0);
    } finally {
      server.close();
    }
  });

  test('a port that is taken is refused, naming it', async (t) => {
    const other = runSleeper(vmName(t, 'taken'), ['-p', `${port}:80`]);

    await assert.rejects(other, new RegExp(`${port}`));
    await waitFor('the port still works', async () => {
      const { stdout } = await runProgram(['curl', '-sS', '-m', '60', `http://127.0.0.1:${port}/`]);
      return stdout === 'hello from the guest\n';
    });
  });
});
