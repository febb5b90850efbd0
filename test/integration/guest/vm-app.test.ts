// App mode in real VMs beyond the plain command: drives, files, calls, a terminal, an image of one file, a slow or
// silent host, memory that runs out.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import {
  createFrameParser,
  createPreambleScanner,
  decodeTlv,
  encodeFrame,
  encodePreamble,
  encodeTlv,
  tlvNumber,
} from '@ignite/api';
import { FRAME, INTENT, LIMIT, TAG, VERB } from '@ignite/protocol';
import { eventually, inVm, lineCount, sessionOf, sh, timeout } from './in-vm.ts';
import { testKernel } from './kernel.ts';
import { appConfig, type TestVm } from './vm.ts';

const MIB = 2 ** 20;
const WAIT = ['sh', '-c', 'read x; exit 5'] as const;

/** An ext4 of 16 MiB with one file, in a file of 64 MiB. */
function makeVolume(folder: string, name: string): string {
  const [files, path] = [join(folder, `${name}.d`), join(folder, name)];
  mkdirSync(files);
  writeFileSync(join(files, 'here'), name);
  execFileSync('mkfs.ext4', ['-q', '-F', '-d', files, path, '16M']);
  truncateSync(path, 64 * MIB);
  return path;
}

/** Sends one CALL over a session of its own and returns the fields of its REPLY. */
async function call(vm: TestVm, verb: number, records: Parameters<typeof encodeTlv>[0] = []) {
  const id = new Uint8Array(16).fill(verb);
  const scanner = createPreambleScanner(id);
  const parser = createFrameParser();
  const reply = Promise.withResolvers<ReturnType<typeof decodeTlv>>();
  let begun = false;
  const take = (piece: Buffer) => {
    const bytes = begun ? piece : scanner.push(piece)?.rest;
    begun ||= bytes !== undefined;
    for (const frame of bytes === undefined ? [] : parser.push(bytes))
      if (frame.type === FRAME.REPLY) reply.resolve(decodeTlv(frame.payload));
  };
  vm.link.on('data', take);
  const payload = encodeTlv([tlvNumber(TAG.REQUEST, 4, 9), tlvNumber(TAG.VERB, 1, verb), ...records]);
  const hello = encodeFrame(FRAME.HELLO, 0, encodeTlv([]));
  vm.link.write(Buffer.concat([encodePreamble(id), hello, encodeFrame(FRAME.CALL, 0, payload)]));
  const fields = await reply.promise;
  vm.link.off('data', take);
  return fields;
}

test('volumes, the modules drive, files of the start, statistics, sync, a disk that grows', {
  timeout,
}, async () => {
  const { modulesDrive, version } = await testKernel();
  assert.ok(modulesDrive);
  const seed = { path: '/opt/deep/seed', mode: 0o640, uid: 1000, gid: 10, content: Buffer.from('seeded') };
  const owned = { uid: 0, gid: 0, content: Buffer.from('') };
  const tree = [
    { ...owned, path: '/opt/tree', mode: 0o2750, kind: 'folder' },
    { ...owned, path: '/etc', mode: 0o700, kind: 'folder' },
    { ...owned, path: '/opt/tree/link', mode: 0o777, kind: 'symlink', content: Buffer.from('../deep/seed') },
  ] as const;
  const config = appConfig(
    WAIT,
    { stdin: true },
    {
      modulesDrive: 1,
      mounts: [
        { drive: 2, path: '/data/volume', readOnly: false },
        { drive: 3, path: '/fixed', readOnly: true },
      ],
      files: [seed, ...tree],
    },
  );
  const drives = (folder: string) => [
    { index: 3, path: makeVolume(folder, 'fixed'), readOnly: true },
    { index: 2, path: makeVolume(folder, 'volume') },
    { index: 1, path: modulesDrive, readOnly: true },
  ];
  await inVm(
    config,
    async (vm) => {
      await vm.facts.ready;
      assert.deepEqual(vm.facts.notes, []);
      const stats = await call(vm, VERB.STATS);
      assert.ok((stats.number(TAG.PROCESSES) ?? 0) > 2);
      const [total, free] = [stats.big(TAG.MEMORY_TOTAL) ?? 0n, stats.big(TAG.MEMORY_AVAILABLE) ?? 0n];
      assert.ok(total > 150n * BigInt(MIB) && total < 256n * BigInt(MIB) && free > 0n && free < total);
      assert.ok((stats.big(TAG.DISK_TOTAL) ?? 0n) > 20n * BigInt(MIB));
      assert.equal((await call(vm, VERB.SYNC)).text(TAG.ERROR), undefined);
      await vm.resize(0, 200 * MIB);
      assert.equal((await call(vm, VERB.GROW, [tlvNumber(TAG.DRIVE, 4, 0)])).text(TAG.ERROR), undefined);
      assert.notEqual((await call(vm, VERB.GROW, [tlvNumber(TAG.DRIVE, 4, 77)])).text(TAG.ERROR), undefined);
      assert.equal((await call(vm, 99)).text(TAG.ERROR), 'unsupported');
      const session = await sessionOf(vm);
      assert.equal(
        await sh(session, 'cat /data/volume/here /fixed/here /opt/deep/seed'),
        'volumefixedseeded',
      );
      assert.equal(await sh(session, 'stat -c %a:%u:%g /opt/deep/seed'), '640:1000:10\n');
      assert.equal(await sh(session, 'cat /opt/tree/link; readlink /opt/tree/link'), 'seeded../deep/seed\n');
      assert.equal(await sh(session, 'stat -c %a /opt/tree /etc'), '2750\n755\n');
      assert.match(await sh(session, 'touch /fixed/x'), /Read-only/);
      assert.equal(await sh(session, 'echo new > /data/volume/new && sync && cat /data/volume/new'), 'new\n');
      const size = async (path: string) =>
        Number(/ (\d+) +\d+ +\d+ +\d+%/.exec(await sh(session, `df -k ${path}`))?.[1]);
      assert.ok((await size('/')) > 170_000, `${await size('/')} KiB`);
      assert.ok((await size('/data/volume')) > 50_000, 'a volume fills its drive');
      assert.match(await sh(session, `ls /lib/modules/${version}/kernel`), /drivers/);
      assert.match(await sh(session, 'busybox modprobe overlay; cat /proc/filesystems'), /overlay/);
      (await session.main()).stdin.end('go\n');
      assert.deepEqual(await vm.facts.done, { code: 5, oom: false });
      await vm.ended;
    },
    { drives },
  );
});

test('a command with a terminal: size, interrupt, end of input', { timeout }, () => {
  // The trap is set before the line that the test waits for, and works wherever the interrupt meets the shell.
  const interrupted = 'trap "" INT; echo INT; tty; cat; exit 4';
  const script = `read x; stty size; trap '${interrupted}' INT; echo "got $x"; while :; do read y; done`;
  return inVm(appConfig(['sh', '-c', script], { tty: true, stdin: true }), async (vm) => {
    await vm.facts.ready;
    const said = () => vm.facts.stdout().toString();
    const main = await (await sessionOf(vm)).main();
    main.resize(33, 99);
    main.stdin.write('one\n');
    await eventually(vm, () => said().includes('33 99\r\ngot one\r\n'));
    main.stdin.write('\x03');
    await eventually(vm, () => /INT\r\n[^]*\/dev\/pts\/0\r\n/.test(said()));
    main.stdin.end('last\n');
    assert.deepEqual(await vm.facts.done, { code: 4, oom: false });
    assert.match(said(), /last\r\nlast\r\n/, 'an echo, and what cat says');
    assert.equal(vm.facts.stderr().length, 0);
  });
});

test('an image of one file, and a host that takes its time', { timeout }, () => {
  const script =
    'busybox cat /etc/hosts; busybox hostname; busybox yes 0123456789 | busybox head -c 3000000; exit 6';
  const config = appConfig(['/busybox', 'sh', '-c', script], { env: ['PATH=/'] });
  const fill = (folder: string) => {
    for (const name of ['bin', 'etc']) rmSync(join(folder, name), { recursive: true });
    copyFileSync('/bin/busybox', join(folder, 'busybox'));
  };
  return inVm(
    config,
    async (vm) => {
      await vm.facts.ready;
      await eventually(vm, () => vm.facts.stdout().length === LIMIT.WINDOW);
      const session = await sessionOf(vm);
      assert.match(
        await sh(session, 'busybox ps', '/busybox'),
        /yes 0123456789/,
        'it waits, the agent does not',
      );
      assert.equal(vm.facts.stdout().length, LIMIT.WINDOW);
      vm.facts.release();
      assert.deepEqual(await vm.facts.done, { code: 6, oom: false });
      const [head = '', rest = ''] = vm.facts.stdout().toString().split('\nprobe\n');
      assert.match(head, /192\.0\.2\.1\tgateway/);
      assert.equal(rest, '0123456789\n'.repeat(3_000_000 / 11 + 1).slice(0, 3_000_000));
    },
    { fill, slow: true },
  );
});

const GREEDY =
  'exec dd if=/dev/zero of=/dev/null bs=$(( $(busybox awk "/MemTotal/{print \\$2}" /proc/meminfo) - 3000 ))k count=1';

test('memory that runs out is told, of a command and of the main process', { timeout }, () =>
  inVm(appConfig(['sh', '-c', `read x; ${GREEDY}`], { stdin: true }), async (vm) => {
    await vm.facts.ready;
    const session = await sessionOf(vm);
    const stream = await session.exec({ argv: ['sh', '-c', GREEDY], env: [], detached: false });
    stream.stdout.resume();
    stream.stderr.resume();
    assert.deepEqual(await stream.exit, { signal: 9, oom: true });
    const killed = await session.exec({ argv: ['sh', '-c', 'kill -9 $$'], env: [], detached: false });
    killed.stdout.resume();
    killed.stderr.resume();
    assert.deepEqual(await killed.exit, { signal: 9, oom: false });
    (await session.main()).stdin.end('go\n');
    assert.deepEqual(await vm.facts.done, { signal: 9, oom: true });
  }),
);

test(
  'a command that reboots the machine has not ended by a signal: the guest has rebooted',
  { timeout },
  () =>
    inVm(appConfig(['sh', '-c', 'busybox reboot -f; sleep 1000']), async (vm) => {
      const told = await Promise.race([vm.facts.intent, vm.facts.done]);
      assert.equal(told, INTENT.REBOOT);
      await vm.ended;
    }),
);

test('a host that has closed facts for good does not keep the VM from its end', { timeout }, () =>
  inVm(
    appConfig(['sh', '-c', 'echo begin; read x; yes | head -c 1000000; exit 3'], { stdin: true }),
    async (vm) => {
      await lineCount(vm, 1);
      const main = await (await sessionOf(vm)).main();
      vm.facts.close();
      main.stdin.end('go\n');
      await vm.ended;
    },
  ),
);

test('a fork bomb takes the guest no agent: it is asked to end, and it ends', { timeout }, () => {
  const bomb =
    'bomb() { bomb | bomb & }; trap "exit 9" TERM; echo begin; bomb; while :; do read x < /dev/zero; done';
  return inVm(appConfig(['sh', '-c', bomb]), async (vm) => {
    await lineCount(vm, 1);
    const session = await sessionOf(vm);
    await session.ping(AbortSignal.timeout(180_000));
    await session.shutdown('poweroff', AbortSignal.timeout(180_000));
    const kill = async () => (await session.main()).signal(9);
    await kill().catch(() => {}); // it may have ended by itself meanwhile
    assert.ok([9, undefined].includes((await vm.facts.done).code));
    await vm.ended;
  });
});
