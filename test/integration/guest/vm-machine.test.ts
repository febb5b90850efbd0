// Machine mode in real VMs, with busybox as an init of the SysV kind: the agent beside it, how an end that was typed
// inside is told apart, what an image's own mount over /run and the agent's death do.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { openSession } from '../../../engine/src/guest/session.ts';
import type { GuestConfig } from '../../../engine/src/guest/port.ts';
import { endOf } from '../../../engine/src/lifecycle/end.ts';
import type { ExitRecord } from '../../../engine/src/supervisor/index.ts';
import { inVm, sessionOf, sh, timeout } from './in-vm.ts';
import { appConfig } from './vm.ts';

/** As the lifecycle makes it for such an image on a VMM with ACPI. */
function machineConfig(): GuestConfig {
  const { app: _, ...rest } = appConfig(['none']);
  return {
    ...rest,
    mode: 'system',
    init: '/sbin/init',
    initKind: 'sysv',
    powerOff: 'acpi',
    authorizedKeys: ['ssh-ed25519 AAAA me'],
  };
}

function fill(folder: string): void {
  mkdirSync(join(folder, 'sbin'));
  for (const name of ['init', 'reboot', 'poweroff', 'halt'])
    symlinkSync('../bin/busybox', join(folder, 'sbin', name));
  writeFileSync(
    join(folder, 'etc/inittab'),
    '::sysinit:/bin/mount -t proc proc /proc\n::respawn:/bin/sleep 1000\n::shutdown:/bin/umount -a -r\n',
  );
  for (const name of ['mount', 'umount', 'pidof']) symlinkSync('busybox', join(folder, 'bin', name));
}

/** What the supervisor would have written down, as far as it matters here. */
function exitRecord(intent: ExitRecord['intent']): ExitRecord {
  const at = '2026-11-20T10:00:00.000000000Z';
  const record = { boot: 'b', startedAt: at, endedAt: at, vmm: { code: 0 }, ready: true, killed: false };
  return intent === undefined ? record : { ...record, intent };
}

test(
  'exec in a machine has an environment; a mount over /run changes nothing; a typed reboot is seen',
  { timeout },
  () =>
    inVm(
      machineConfig(),
      async (vm) => {
        await vm.facts.ready;
        const session = await sessionOf(vm);
        const env = (await sh(session, 'env | busybox grep -v -e PWD -e SHLVL -e ^_= | busybox sort'))
          .trim()
          .split('\n');
        assert.deepEqual(env, [
          'HOME=/root',
          'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        ]);
        const tty = { rows: 24, columns: 80, term: 'vt220' };
        const shell = await session.exec({
          argv: ['sh', '-c', 'echo $TERM; pwd; id -u'],
          env: ['LANG=C.UTF-8'],
          detached: false,
          tty,
        });
        let text = '';
        for await (const piece of shell.stdout) text += piece.toString();
        assert.equal(text, 'vt220\r\n/root\r\n0\r\n');
        assert.equal(
          await sh(session, 'cat /root/.ssh/authorized_keys; hostname'),
          'ssh-ed25519 AAAA me\nprobe\n',
        );
        assert.match(await sh(session, 'busybox ps'), /1 root +(\/sbin\/)?init[^]*@ignite-agent/);
        assert.equal(await sh(session, 'mount -t tmpfs none /run && ls /run'), '');
        assert.equal(await sh(session, 'echo still here'), 'still here\n');
        await session.exec({ argv: ['reboot'], env: [], detached: true }).catch(() => {}); // it may be quicker than its answer
        await vm.ended;
        assert.match(vm.console(), /reboot: Restarting system/);
        assert.equal(endOf(exitRecord(undefined), vm.console()), 'reboot');
      },
      { fill },
    ),
);

/** Begins when it is told to, and ends the machine when its disk becomes larger: nothing else reaches it without an agent. */
const KILLS_AGENT = `read x; size=$(cat /sys/block/vda/size); kill -9 $(pidof @ignite-agent)
while [ "$size" = "$(cat /sys/block/vda/size)" ]; do sleep 0.2; done; poweroff`;

test(
  'an agent that was killed is noticed; the machine runs on, and its own end is a power-off',
  { timeout },
  () =>
    inVm(
      machineConfig(),
      async (vm) => {
        await vm.facts.ready;
        const session = await openSession(vm.link, AbortSignal.timeout(180_000), {
          askAfterMs: 500,
          lostAfterMs: 2_000,
        });
        const stream = await session.exec({ argv: ['sh', '-c', KILLS_AGENT], env: [], detached: true });
        const exit = assert.rejects(stream.exit, { code: 'guest/unreachable' });
        stream.stdin.write('go\n');
        for (let error: unknown; error === undefined; )
          error = await session.exec({ argv: ['true'], env: [], detached: false }).then(
            () => undefined,
            (cause: unknown) => cause,
          );
        await exit;
        await session.closed;
        await vm.resize(0, 64 << 20);
        await vm.ended;
        assert.match(vm.console(), /reboot: Power down/);
        assert.equal(endOf(exitRecord(undefined), vm.console()), 'poweroff');
      },
      { fill },
    ),
);

for (const how of ['poweroff', 'reboot'] as const)
  test(`${how} over the link is told first and then done by the image's own means`, { timeout }, () =>
    inVm(
      machineConfig(),
      async (vm) => {
        await vm.facts.ready;
        await (await sessionOf(vm)).shutdown(how, AbortSignal.timeout(180_000));
        assert.equal(await vm.facts.intent, how === 'poweroff' ? 1 : 2);
        await vm.ended;
        assert.match(vm.console(), how === 'poweroff' ? /reboot: Power down/ : /reboot: Restarting system/);
      },
      { fill },
    ),
  );
