// What every driver must do, in as few boots as show it: one VM with two processors, networks, volumes, ports and limits
// lives through all its ends. Only Node's own modules, so that it runs in the lab, too.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { type ContractHost, until, vmmOf } from './host.ts';

/** A server whose page is its boot, which ends with 7 when it is asked to; it serves from when that is so. */
const SCRIPT = [
  'mkdir -p /www && cat /proc/sys/kernel/random/boot_id > /www/index.html',
  'trap "exit 7" TERM; httpd -p 80 -h /www; echo begun; sleep 100000 & wait',
].join('; ');
const MIB = 1 << 20;
const PIDS = '300';

/** To be called in a suite. */
export function driverContract(host: ContractHost): void {
  const mark = randomBytes(3).toString('hex');
  const [vm, network] = [`contract-${mark}`, `net-${mark}`];
  const [data, more] = [`data-${mark}`, `more-${mark}`];
  const ok = async (...argv: readonly string[]) => {
    const { code, stdout, stderr } = await host.ignite(argv);
    assert.equal(code, 0, `ignite ${argv.join(' ')}: exit ${code}\n${stdout}${stderr}`);
    return stdout.replace(/\n$/, '');
  };
  const inside = (script: string) => ok('exec', vm, 'sh', '-c', script);
  const status = async () => {
    const rows = (await ok('ps', '-a', '--format', '{{.Names}}\t{{.Status}}')).split('\n');
    return rows.map((row) => row.split('\t')).find(([name]) => name === vm)?.[1] ?? '';
  };
  const { patience = [] } = host;
  const boot = () => inside('cat /proc/sys/kernel/random/boot_id');
  // `exec` works before the VM's own command has come as far.
  const serves = async () => {
    const expected = `${await boot()}\n`;
    const port = /:(\d+)$/.exec(await ok('port', vm, '80'))?.[1];
    const answer = () => page(`http://127.0.0.1:${port}/`).catch(() => '');
    await until('the page of this boot is served', async () => (await answer()) === expected);
  };

  before(async () => {
    await ok('network', 'create', network);
    const nics = ['--network', 'bridge', '--network', network, '-p', '80'];
    const disks = ['-v', `${data}:/data`, '-v', `${more}:/more`];
    const caps = ['--pids-limit', PIDS, '--disk-bw', '4MB', '--net-bw', '8MB', '-m', '256MB', '--cpus', '2'];
    const words = [...host.flags, ...nics, ...disks, ...caps, host.image, 'sh', '-c', SCRIPT];
    await ok('run', '-d', '--name', vm, ...patience, ...words);
  });
  after(async () => {
    await keepLogs(host, vm);
    await host.ignite(['rm', '-f', vm]);
    await host.ignite(['network', 'rm', '-f', network]);
    await host.ignite(['volume', 'rm', data, more]);
  });

  test('boot: processors, memory, the log', async () => {
    assert.equal(await inside('nproc'), '2');
    const kib = Number(/MemTotal: +(\d+)/.exec(await inside('cat /proc/meminfo'))?.[1]);
    assert.ok(kib > 180_000 && kib < 262_144, `${kib} KiB`);
    await until('the command has said so', async () => (await ok('logs', vm)).includes('begun'));
  });

  test('exec: streams and exit codes', async () => {
    const { code, stdout, stderr } = await host.ignite([
      'exec',
      vm,
      'sh',
      '-c',
      'echo out; echo err >&2; exit 42',
    ]);
    assert.deepEqual([code, stdout, stderr], [42, 'out\n', 'err\n']);
  });

  test('cp: a file in and out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'contract-'));
    try {
      const bytes = randomBytes(200_000);
      await writeFile(join(folder, 'there'), bytes);
      await ok('cp', join(folder, 'there'), `${vm}:/root/file`);
      await ok('cp', `${vm}:/root/file`, join(folder, 'back'));
      assert.ok(bytes.equals(await readFile(join(folder, 'back'))));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('console: what the guest writes there', async () => {
    await inside('echo said on the console > /dev/console');
    const told = async () => (await ok('logs', '--console', vm)).includes('said on the console');
    await until('the console has it', told);
  });

  test('two NICs on two networks: addresses, MTU, the way to each gateway', async () => {
    const { bound } = JSON.parse(await ok('inspect', 'vm', vm));
    assert.equal(bound.nics.length, 2);
    for (const [index, { address, gateway, mtu }] of bound.nics.entries()) {
      assert.match(await inside(`ip -4 addr show eth${index}`), new RegExp(`inet ${address}/`));
      assert.equal(await inside(`cat /sys/class/net/eth${index}/mtu`), `${mtu}`);
      await inside(`ping -c 1 -W 60 ${gateway}`);
    }
  });

  test('a published port answers', serves);

  test('limits: the control group, and a drive that is as slow as it was told', async () => {
    const { bound } = JSON.parse(await ok('inspect', 'vm', vm));
    assert.equal(await groupFile(host, bound.slot, ['pids.max']), PIDS);
    const bytes = Number(await groupFile(host, bound.slot, ['memory.max', 'memory.limit_in_bytes']));
    assert.ok(bytes > 256 * MIB && bytes < 1024 * MIB, `${bytes}`);
    const begun = performance.now();
    await inside('dd if=/dev/zero of=/root/x bs=64k count=128 conv=fsync 2>/dev/null');
    const seconds = (performance.now() - begun) / 1000;
    assert.ok(seconds > 0.9, `8 MiB at 4 MiB a second took ${seconds} s`);
  });

  test('stats: what is written is counted, and only grows', async () => {
    const written = async () => {
      let told: RegExpExecArray | null = null; // absent where the VMM did not answer in time
      await until('its VMM answers', async () => {
        const words = await ok('stats', '--no-stream', '--format', '{{.BlockIO}}', vm);
        told = /\/ ([\d.]+) ?([kMG]?)i?B/i.exec(words);
        return told !== null;
      });
      const [, number = '', unit = ''] = told ?? [];
      return Number(number) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
    };
    const write = (name: string) =>
      inside(`dd if=/dev/zero of=/root/${name} bs=64k count=64 conv=fsync 2>&1`);
    // Figures are rounded to tenths: more is written than is asserted.
    await write('one');
    const first = await written();
    assert.ok(first >= MIB, `${first} bytes`);
    await write('two');
    const second = await written();
    assert.ok(second >= first + MIB, `${first} bytes, then ${second}`);
  });

  test('pause halts it, unpause lets it go on; or it is refused with the reason', async () => {
    if (host.refusesPause !== undefined) {
      const { code, stderr } = await host.ignite(['pause', vm]);
      assert.equal(code, 1);
      assert.match(stderr, host.refusesPause);
      return;
    }
    await ok('pause', vm);
    assert.match(await status(), /^Paused/);
    await ok('unpause', vm);
    assert.equal(await inside('echo on'), 'on');
  });

  test('reboot: a new boot with the same disks', async () => {
    const first = await boot();
    await inside('for place in /root /data /more; do echo kept > $place/kept; done');
    await ok('restart', '-t', '120', vm); // what was not written yet would go with a kill
    assert.notEqual(await boot(), first);
    await serves();
    assert.equal(await inside('cat /root/kept /data/kept /more/kept'), 'kept\nkept\nkept');
  });

  test('stop: the command is asked, and its code is told', async () => {
    await ok('stop', '-t', '120', vm);
    assert.match(await status(), /^Stopped \(exit 7\)/);
  });

  test('crash: a kernel that panics is told as that', async () => {
    await ok('start', ...patience, vm);
    await host.ignite([
      'exec',
      vm,
      'sh',
      '-c',
      'echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger',
    ]);
    await until('it is told', async () => (await status()).startsWith('Failed (kernel panic)'));
  });

  test('a VMM that is killed by somebody is told as that', async () => {
    await ok('start', ...patience, vm);
    const { bound } = JSON.parse(await ok('inspect', 'vm', vm));
    const pid = await vmmOf(host, bound.slot);
    assert.ok(pid !== undefined, 'the VMM runs');
    process.kill(pid, 'SIGKILL');
    await until('it is told', async () => (await status()).startsWith('Failed (VMM crashed)'));
  });

  test('a guest that never calls is told after the time it was given, and nothing of it is kept', async () => {
    const hangs = ['--kernel-args', 'console=ttyS0 rdinit=/none panic=0', '--timeout', '3'];
    const lost = `silent-${mark}`;
    const words = ['run', '--name', lost, ...host.flags, ...hangs, '--network', 'none', host.image, 'true'];
    const { code, stderr } = await host.ignite(words);
    assert.equal(code, 125, stderr);
    assert.match(stderr, /did not report within 3 s/);
    assert.ok(!(await ok('ps', '-a')).includes(lost));
  });

  test('kill ends it at once; then nothing of it is left', async () => {
    await ok('start', ...patience, vm);
    const { bound } = JSON.parse(await ok('inspect', 'vm', vm));
    await ok('kill', vm);
    assert.match(await status(), /^Stopped \(killed\)/);
    assert.equal(await vmmOf(host, bound.slot), undefined);
    assert.equal(await groupFile(host, bound.slot, ['pids.max']), undefined);
    assert.doesNotMatch(
      await readFile('/proc/self/mountinfo', 'utf8'),
      new RegExp(`ignite/${bound.slot}/jail`),
    );
  });
}

/** For who looks at a run that failed: CONTRACT_KEEP names a folder. */
async function keepLogs(host: ContractHost, vm: string): Promise<void> {
  const folder = process.env['CONTRACT_KEEP'];
  if (folder === undefined) return;
  for (const which of ['console', 'vmm']) {
    const { stdout, stderr } = await host.ignite(['logs', `--${which}`, vm]);
    await writeFile(join(folder, `${vm}.${which}.log`), stdout + stderr);
  }
}

/** A file of the VM's control group, in whichever hierarchy has it. */
async function groupFile(
  host: ContractHost,
  slot: number,
  names: readonly string[],
): Promise<string | undefined> {
  const lines = (await readFile('/proc/mounts', 'utf8'))
    .split('\n')
    .filter((line) => / cgroup2? /.test(line));
  for (const line of lines)
    for (const name of names)
      for (const above of ['', 'ignite.slice/ignite-vms.service', 'system.slice/ignite-vms.service']) {
        const path = join(line.split(' ')[1] ?? '', above, await host.group(), String(slot), name);
        if (existsSync(path)) return (await readFile(path, 'utf8')).trim();
      }
  return undefined;
}

function page(url: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get(url, { signal: AbortSignal.timeout(10_000) }, (answer) => void text(answer).then(resolve, reject)).on(
    'error',
    reject,
  );
  return promise;
}
