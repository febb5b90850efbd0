// A machine: the getting-started block of the original's README, its ends from inside and outside, and what it keeps.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { loadSeed } from '../../engine/src/state/index.ts';
import {
  IGNITE,
  ignite,
  igniteOk,
  inspect,
  MACHINE,
  openTerminal,
  place,
  statusOf,
  vmName,
  waitFor,
} from './world/index.ts';

/** An emulated machine on a host that is busy takes its time. */
const BOOT_MS = 900_000;
const LOGIN_MS = 300_000;
const END_MS = 300_000;

describe('machines', () => {
  describe("the getting-started block of the original's README", () => {
    let stdout = '';
    after(async () => void (await ignite(['rm', '-f', 'my-vm'])));
    before(async () => {
      const argv = ['run', MACHINE, '--cpus', '2', '--memory', '1GB', '--ssh', '--name', 'my-vm'];
      stdout = await igniteOk(argv, { timeoutMs: BOOT_MS });
    });

    test('run prints the UID; ps, images, kernels and logs show it', async () => {
      assert.match(stdout, /^[0-9a-f]{16}$/);
      assert.match(await igniteOk(['ps']), new RegExp(`^${stdout}.*${MACHINE}.* Up .*my-vm$`, 'm'));
      assert.match(await igniteOk(['images']), new RegExp(MACHINE));
      assert.match(await igniteOk(['kernels']), /6\.\d+\.\d+/);
      assert.match(await igniteOk(['logs', 'my-vm']), /systemd|Booting/);
    });

    // ssh takes only a server whose keys the agent told (SEC-03).
    test('OUT-14, SSH-01, SSH-02, SSH-03, SSH-04: inside: uname, addresses, memory; the exit status of the shell', async () => {
      await using terminal = await openTerminal(`${IGNITE} ssh --timeout 300 my-vm`);
      await terminal.shows(/root@my-vm[^\n]*# /, LOGIN_MS);

      terminal.type('uname -a\r');
      await terminal.shows(/Linux my-vm .*x86_64|Linux my-vm .*aarch64/);
      terminal.type('ip addr\r');
      const address = (await inspect('my-vm')).status.network?.ipAddresses?.[0] ?? 'no address';
      await terminal.shows(new RegExp(`inet ${address}/`));
      terminal.type('free -m\r');
      await terminal.shows(/Mem: +(9|10)\d\d/);
      terminal.type('exit 7\r');

      assert.equal(await terminal.ended, 7);
    });

    test('the machine has reached the state running', async () => {
      await running('my-vm');
    });

    test("the kernel's modules are there", async () => {
      assert.match(
        await igniteOk(['exec', 'my-vm', 'modprobe', '-n', '-v', 'wireguard']),
        /insmod .*wireguard\.ko/,
      );
    });

    test('an agent that is killed is told as lost, and the machine runs on', async () => {
      await ignite(['exec', 'my-vm', 'pkill', '-9', '-f', '^@ignite-agent']);
      const lost = async () => /^Up .*agent lost/.test((await statusOf('my-vm')) ?? '');
      await waitFor('the agent is told as lost', lost);
      assert.equal((await inspect('my-vm')).status.agent, 'lost');
    });

    test('after reboot inside, rm works without -f', async () => {
      await ignite(['ssh', '--timeout', '300', 'my-vm', 'reboot']);
      await waitFor(
        'the VM is stopped',
        async () => (await statusOf('my-vm'))?.startsWith('Stopped'),
        END_MS,
      );

      assert.match((await statusOf('my-vm')) ?? '', /^Stopped \(guest rebooted\)/);
      await igniteOk(['rm', 'my-vm']);
      assert.equal(await statusOf('my-vm'), undefined);
    });
  });

  test('a machine powers off from inside and from outside, and keeps address, host keys and disk', async (t) => {
    const name = vmName(t, 'machine');
    await igniteOk(['run', '--name', name, MACHINE], { timeoutMs: BOOT_MS });
    const address = (await inspect(name)).status.network?.ipAddresses?.[0];
    await igniteOk(['exec', name, 'sh', '-c', 'echo kept > /root/file; cat /etc/machine-id > /root/id']);

    await running(name);
    const { uid } = (await inspect(name)).metadata;
    const pinned = async () => (await loadSeed({ root: place().state, runRoot: place().run }, uid)).hostKeys;
    const keys = await waitFor('the host keys are pinned, though nobody asked for them', pinned, LOGIN_MS);
    const own = await igniteOk(['exec', name, 'sh', '-c', 'cat /etc/ssh/ssh_host_*_key.pub']);
    assert.deepEqual(
      keys,
      own.split('\n').map((line) => line.trim()),
    );
    await ignite(['exec', name, 'systemctl', 'poweroff']);
    await waitFor('the VM is stopped', async () => (await statusOf(name))?.startsWith('Stopped'), END_MS);
    assert.match((await statusOf(name)) ?? '', /^Stopped \(powered off\)/);

    await igniteOk(['start', name], { timeoutMs: BOOT_MS });
    assert.equal((await inspect(name)).status.network?.ipAddresses?.[0], address);
    const script = 'cat /root/file; cmp /etc/machine-id /root/id && ip -4 -o addr show';
    const inside = await igniteOk(['exec', name, 'sh', '-c', script]);
    assert.match(inside, /^kept\n/);
    assert.ok(inside.includes(`inet ${address}/`), inside);

    await igniteOk(['stop', '-t', '300', name]); // as long as it needs on a busy host: it is not to be killed
    assert.match((await statusOf(name)) ?? '', /^Stopped \(powered off\)/);
  });
});

/** `run` returns when the agent answers, which is before systemd does. */
async function running(name: string): Promise<void> {
  const look = async () => {
    const { stdout } = await ignite(['exec', name, 'systemctl', 'is-system-running', '--wait']);
    return stdout.trim() === 'running';
  };
  await waitFor(`${name} reaches the state running`, look, BOOT_MS);
}
