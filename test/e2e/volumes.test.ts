// Volumes that outlive VMs, in as few boots as show it: one VM writes and grows them, a second one reads what is left.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  ignite,
  igniteOk,
  image,
  inspect,
  place,
  runProgram,
  runSleeper,
  startSleeper,
  vmName,
} from './world/index.ts';

/** More than a request carries. */
const LARGE_BYTES = 20 << 20;
const DATA = `data-${randomBytes(3).toString('hex')}`;
const FRESH = `fresh-${randomBytes(3).toString('hex')}`;

describe('paths of the host', () => {
  const vm = vmName({ after }, 'paths');
  const folder = join(place().scratch, `shared-${randomBytes(3).toString('hex')}`);
  const large = join(place().scratch, `large-${randomBytes(3).toString('hex')}`);
  const content = randomBytes(LARGE_BYTES);
  let device = '';
  const makeLarge = async () => {
    await mkdir(join(large, 'folder'), { recursive: true });
    await chmod(join(large, 'folder'), 0o750);
    await symlink('folder', join(large, 'link'));
    await writeFile(join(large, 'content'), content, { mode: 0o640 });
  };
  before(async () => {
    await mkdir(join(folder, 'sub'), { recursive: true });
    await writeFile(join(folder, 'file'), 'of the host');
    const backing = join(folder, '..', `device-${randomBytes(3).toString('hex')}`);
    await writeFile(backing, '');
    await truncate(backing, 64 << 20);
    await runProgram(['mkfs.ext4', '-q', '-F', backing]);
    device = (await runProgram(['losetup', '--find', '--show', backing])).stdout.trim();
    assert.match(device, /^\/dev\/loop\d+$/);
    const mounts = ['-v', `${folder}:/work`, '-v', `${folder}/sub:/ro:ro`, '-v', `${device}:/data`];
    const copies = ['-f', `${large}:/opt/large`, '-f', `${folder}/file:/opt/large/link/of-host`];
    await makeLarge();
    await runSleeper(vm, [...mounts, ...copies]);
  });
  after(async () => {
    await ignite(['rm', '-f', vm]);
    assert.equal((await stat(device)).uid, 0, 'the device is its owner’s again');
    await runProgram(['losetup', '-d', device]);
  });

  test('a folder is shared both ways, and only read where that is wanted', async () => {
    const script = 'cat /work/file; echo of the guest > /work/new; mkdir /work/made; touch /ro/x; ls /ro';
    const { stdout, stderr } = await ignite(['exec', vm, 'sh', '-c', script]);
    assert.equal(stdout, 'of the host');
    assert.match(stderr, /\/ro\/x: Read-only file system/);
    assert.equal(await readFile(join(folder, 'new'), 'utf8'), 'of the guest\n');
    assert.ok((await stat(join(folder, 'made'))).isDirectory());
  });

  test('CLI-C02: files of more than 15 MB are there before the command, and their copy on the host is gone', async () => {
    const script =
      'cd /opt/large && sha256sum content && stat -c "%a %u %g %F" content folder link && cat folder/of-host';
    const sum = createHash('sha256').update(content).digest('hex');
    const wanted = [`${sum}  content`, '640 0 0 regular file', '750 0 0 directory', '777 0 0 symbolic link'];
    assert.deepEqual((await igniteOk(['exec', vm, 'sh', '-c', script])).split('\n'), [
      ...wanted,
      'of the host',
    ]);
    const { metadata } = await inspect(vm);
    const kept = await readdir(join(place().state, 'vms', metadata.uid ?? ''));
    assert.ok(!kept.includes('files.tar'), kept.join(' '));
  });

  test('CLI-C02: files that do not fit are told: before anything is made, or by the guest', async (t) => {
    const run = (size: string) => {
      const argv = ['--name', vmName(t, 'full'), '--size', size, '-f', `${large}:/opt`, image('busybox')];
      return ignite(['run', ...argv, 'true']);
    };
    assert.match((await run('16MB')).stderr, /The files for the VM have .* more than its disk of 16/);
    const { code, stderr } = await run('21MB');
    assert.equal(code, 125);
    assert.match(stderr, /could not be unpacked: opt\/content: No space left on device/);
  });

  test('VOL-03: a device is mounted, and no second VM gets it; the host neither', async (t) => {
    await igniteOk(['exec', vm, 'sh', '-c', 'echo kept > /data/file && sync']);
    const argv = ['run', '-d', '--name', vmName(t, 'second'), '-v', `${device}:/d`, image('busybox'), 'true'];
    const { code, stderr } = await ignite(argv);
    assert.equal(code, 125);
    assert.match(stderr, new RegExp(`The device ${device} is in use, read-write, by the running VM ${vm}`));
  });

  test('what is neither, what is empty and what the host uses is refused before anything is made', async (t) => {
    const create = (source: string) =>
      ignite(['create', '--name', vmName(t, 'no'), '-v', `${source}:/d`, image('busybox')]);
    assert.match((await create('/etc/passwd')).stderr, /neither a block device nor a folder/);
    assert.match((await create('/nowhere')).stderr, /is not there/);
    const blank = join(folder, '..', `blank-${randomBytes(3).toString('hex')}`);
    await writeFile(blank, '');
    await truncate(blank, 8 << 20);
    const other = (await runProgram(['losetup', '--find', '--show', blank])).stdout.trim();
    t.after(async () => void (await runProgram(['losetup', '-d', other])));
    assert.match((await create(other)).stderr, /There is no file system on/);
  });
});

describe('volumes', () => {
  const writer = vmName({ after }, 'writer');
  after(async () => {
    await ignite(['rm', '-f', writer]);
    await igniteOk(['volume', 'rm', '-f', DATA, FRESH]);
  });
  before(async () => {
    await igniteOk(['volume', 'create', DATA, '--size', '64MB']);
    const mounts = [
      '-v',
      `${DATA}:/srv`,
      '-v',
      `${FRESH}:/made/when/missing`,
      '--tmpfs',
      '/srv/memory:size=8m',
    ];
    await runSleeper(writer, mounts);
    await igniteOk(['exec', writer, 'sh', '-c', 'echo kept > /srv/file; sync']);
  });

  test('a missing one is made by -v, and the list shows who has them', async () => {
    const list = await igniteOk(['volume', 'ls', '--format', '{{.Name}} {{.Size}} {{.UsedBy}}']);
    assert.match(list, new RegExp(`^${DATA} 64\\.0 MB ${writer} \\(running\\)$`, 'm'));
    assert.match(list, new RegExp(`^${FRESH} 10\\.0 GB ${writer} \\(running\\)$`, 'm'));
  });

  test('a tmpfs inside a volume has its size, and what is written there is not in the volume', async () => {
    const script = 'grep /srv/memory /proc/mounts; dd if=/dev/zero of=/srv/memory/x bs=1M count=9 2>&1';
    const { stdout } = await ignite(['exec', writer, 'sh', '-c', script]);
    assert.match(stdout, /tmpfs \/srv\/memory tmpfs rw,nosuid,nodev,noexec,.*size=8192k/);
    assert.match(stdout, /No space left/);
  });

  test('a second VM is refused, whichever way it wants the volume; the holder is named', async (t) => {
    for (const mode of ['', ':ro']) {
      const argv = ['run', '-d', '--name', vmName(t, 'second'), '-v', `${DATA}:/x${mode}`];
      const { code, stderr } = await ignite([...argv, image('busybox'), 'true']);
      assert.equal(code, 125);
      assert.match(
        stderr,
        new RegExp(`The volume ${DATA} is in use, read-write, by the running VM ${writer}`),
      );
    }
  });

  test('a volume in use is not removed, and it grows while it is mounted', async () => {
    const refused = await ignite(['volume', 'rm', DATA]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, new RegExp(`in use by ${writer}`));
    await igniteOk(['volume', 'resize', DATA, '200MB']);
    const df = await igniteOk(['exec', writer, 'df', '-k', '/srv']);
    assert.ok(Number(/ (\d+) +\d+ +\d+ +\d+%/.exec(df)?.[1]) > 170_000, df);
  });

  test('what was written is there for the next VM, read-only where it is asked for', async (t) => {
    await igniteOk(['rm', '-f', writer]);
    const reader = await startSleeper(t, 'reader', ['-v', `${DATA}:/srv:ro`, '-v', `${FRESH}:/other`]);
    const script =
      'cat /srv/file; ls /srv/memory; touch /srv/x; touch /other/x && echo other; df -k /srv | tail -1';
    const { stdout, stderr } = await ignite(['exec', reader, 'sh', '-c', script]);
    assert.match(stdout, /^kept\nother\n/);
    assert.match(stderr, /Read-only file system/);
  });
});
