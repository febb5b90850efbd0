// ignite-init in real VMs (QEMU under TCG). Skipped where no kernel was prepared (kernel.ts says how).
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { createGuest } from '../../../engine/src/guest/index.ts';

import { appConfig, makeRoot, startVm, type TestVm } from './vm.ts';

const skip = false;
const timeout = 90_000;

async function inVm(
  config: Parameters<typeof startVm>[0]['config'],
  run: (vm: TestVm) => Promise<void>,
  options: { grownTo?: number; fill?: (folder: string) => void } = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ignite-vm-test-'));
  try {
    const root = join(folder, 'root.ext4');
    makeRoot(root, 32, options.fill);
    const grown = options.grownTo === undefined ? {} : { grownTo: options.grownTo };
    await using vm = await startVm({ config, root, ...grown });
    await run(vm);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** CPU time of a process in clock ticks (proc(5), fields 14 and 15). */
function cpuTicks(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

async function lineCount(vm: TestVm, count: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (vm.facts.stdout().toString().split('\n').length <= count) {
    assert.ok(Date.now() < deadline, `no ${count} lines: ${vm.console()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('the command runs as Docker would run it, and its code comes out', { skip, timeout }, () =>
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
  skip,
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

test('every byte of a large output reaches the supervisor before the end', { skip, timeout }, () =>
  inVm(appConfig(['dd', 'if=/dev/zero', 'bs=64k', 'count=1024']), async (vm) => {
    assert.deepEqual(await vm.facts.done, { code: 0, oom: false });
    assert.equal(vm.facts.stdout().length, 64 * 2 ** 20);
    assert.match(vm.facts.stderr().toString(), /1024\+0 records out/);
  }),
);

test('exec joins the command; input, stop signal and end work over the link', { skip, timeout }, () =>
  inVm(
    appConfig(
      ['sh', '-c', 'trap "echo stopping; exit 3" TERM; read x; echo "got $x"; while :; do sleep 1; done'],
      { stdin: true },
    ),
    async (vm) => {
      await vm.facts.ready;
      const session = await createGuest({ initPath: '/nowhere' }).connect(
        vm.link,
        AbortSignal.timeout(10_000),
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
      await session.shutdown('poweroff', AbortSignal.timeout(10_000));
      assert.deepEqual(await vm.facts.done, { code: 3, oom: false });
      assert.equal(vm.facts.stdout().toString(), 'got words\nstopping\n');
    },
  ),
);

test('an agent without a host sleeps', { skip, timeout }, () =>
  inVm(
    appConfig(['sh', '-c', 'read x; echo begin; sleep 2; echo end; read x'], { stdin: true }),
    async (vm) => {
      await vm.facts.ready;
      const session = await createGuest({ initPath: '/nowhere' }).connect(
        vm.link,
        AbortSignal.timeout(10_000),
      );
      const main = await session.main();
      await session.ping(AbortSignal.timeout(10_000));
      main.stdin.write('go\n');
      await lineCount(vm, 1);
      await session[Symbol.asyncDispose](); // QEMU's end of the link is closed now
      const [before, begin] = [cpuTicks(vm.qemu.pid), Date.now()];
      await lineCount(vm, 2);
      const [used, passed] = [(cpuTicks(vm.qemu.pid) - before) * 10, Date.now() - begin];
      assert.ok(used < passed / 3, `${used} ms of CPU in ${passed} ms`);
    },
  ),
);
