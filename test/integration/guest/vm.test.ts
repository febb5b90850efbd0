// ignite-init in real VMs (QEMU under TCG): a command, its output, its input, its end. Needs apt, qemu, busybox-static, e2fsprogs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { createGuest } from '../../../engine/src/guest/index.ts';
import { inVm, lineCount, timeout } from './in-vm.ts';
import { appConfig } from './vm.ts';

/** CPU time of a process in clock ticks (proc(5), fields 14 and 15). */
function cpuTicks(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** The share of a processor that a process takes, over a second. */
async function processorShare(pid: number | undefined): Promise<number> {
  const [before, begin] = [cpuTicks(pid), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return ((cpuTicks(pid) - before) * 10) / (performance.now() - begin);
}

test('the command runs as Docker would run it, and its code comes out', { timeout }, () =>
  inVm(
    appConfig(
      [
        'sh',
        '-c',
        'id; env; pwd; hostname; cat /etc/hosts /etc/resolv.conf; df -k /; echo $$; echo oops >&2; exit 42',
      ],
      {
        user: 'alice',
        workdir: '/made/here',
      },
    ),
    async (vm) => {
      assert.deepEqual(await vm.facts.done, { code: 42, oom: false });
      assert.equal(await vm.facts.intent, 1);
      await vm.ended;
      const said = vm.facts.stdout().toString();
      assert.equal(vm.facts.token(), '00112233445566778899aabbccddeeff');
      assert.match(said, /uid=1000\(alice\) gid=1000\(alice\) groups=10\(wheel\)/);
      for (const part of [
        'A=b\n',
        'HOME=/home/alice\n',
        'HOSTNAME=probe\n',
        '\n/made/here\n',
        '\nprobe\n',
        '192.0.2.1\tgateway',
        'nameserver 192.0.2.53',
        '\n1\n',
      ])
        assert.ok(said.includes(part), part);
      assert.match(said, /\/dev\/vda +2[3-5]\d{4} /, 'the disk has grown to 256 MiB');
      assert.equal(vm.facts.stderr().toString(), 'oops\n');
    },
    { grownTo: 256 * 2 ** 20 },
  ),
);

test('a command that is not there ends with 127, one that may not run with 126', {
  timeout,
}, async () => {
  await inVm(appConfig(['no-such-command']), async (vm) => {
    assert.deepEqual(await vm.facts.done, { code: 127, oom: false });
    assert.match(vm.facts.notes.join(), /no-such-command/);
  });
  await inVm(appConfig(['/etc/passwd']), async (vm) =>
    assert.deepEqual(await vm.facts.done, { code: 126, oom: false }),
  );
});

test('every byte of a large output reaches the supervisor before the end', { timeout }, () =>
  inVm(appConfig(['sh', '-c', 'yes 0123456789abcde | head -c 67108864; echo all >&2']), async (vm) => {
    assert.deepEqual(await vm.facts.done, { code: 0, oom: false });
    assert.ok(vm.facts.stdout().equals(Buffer.alloc(64 * 2 ** 20, '0123456789abcde\n')));
    assert.equal(vm.facts.stderr().toString(), 'all\n');
  }),
);

test('exec joins the command; input, stop signal and end work over the link', { timeout }, () =>
  inVm(
    appConfig(
      ['sh', '-c', 'trap "echo stopping; exit 3" TERM; read x; echo "got $x"; while :; do sleep 1; done'],
      { stdin: true },
    ),
    async (vm) => {
      await vm.facts.ready;
      const session = await createGuest({ initPath: '/nowhere' }).connect(
        vm.link,
        AbortSignal.timeout(180_000),
      );
      const stream = await session.exec({ argv: ['sh', '-c', 'ps; cat'], env: [], detached: false });
      stream.stdin.end('input');
      let text = '';
      for await (const piece of stream.stdout) text += piece.toString();
      assert.deepEqual(await stream.exit, { code: 0, oom: false });
      assert.match(text, /1 root +sh -c trap[^]*input/);
      const main = await session.main();
      main.stdin.write('words\n');
      await lineCount(vm, 1);
      await session.shutdown('poweroff', AbortSignal.timeout(180_000));
      assert.deepEqual(await vm.facts.done, { code: 3, oom: false });
      assert.equal(vm.facts.stdout().toString(), 'got words\nstopping\n');
    },
  ),
);

test('an agent without a host sleeps', { timeout }, () =>
  inVm(appConfig(['sh', '-c', 'read x; echo begin; read x'], { stdin: true }), async (vm) => {
    await vm.facts.ready;
    const session = await createGuest({ initPath: '/nowhere' }).connect(
      vm.link,
      AbortSignal.timeout(180_000),
    );
    const main = await session.main();
    await session.ping(AbortSignal.timeout(180_000));
    main.stdin.write('go\n');
    await lineCount(vm, 1);
    await session[Symbol.asyncDispose](); // QEMU's end of the link is closed now
    // A spinning agent would never let the machine rest; one that has just been left may finish something.
    const deadline = Date.now() + 180_000;
    for (let share = 1; share >= 1 / 3; ) {
      assert.ok(Date.now() < deadline, `${share} of a processor for a machine that has nothing to do`);
      share = await processorShare(vm.qemu.pid);
    }
  }),
);
