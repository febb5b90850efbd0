import assert from 'node:assert/strict';
import { mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { byteString, readTar, writeTar } from '@ignite/archive';
import { FILE_KIND, OPEN_KIND } from '@ignite/protocol';
import { runningVm, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';
import { scratch } from './scratch.ts';

test('CP-04, OUT-16, CP-05: rule 20: cp into a VM packs with owner root, keeps links, and is silent', async () => {
  await using daemon = await startFakeDaemon();
  await using folder = await scratch();
  await mkdir(join(folder.path, 'site'));
  await writeFile(join(folder.path, 'site/index.html'), 'hi');
  await symlink('index.html', join(folder.path, 'site/link'));
  daemon.vms.push(runningVm('web'));
  let put = '';
  const entries: string[] = [];
  daemon.guestFacts = (open) =>
    open.path === '/srv' ? { kind: FILE_KIND.DIRECTORY, mode: 0o755, size: 0 } : undefined;
  daemon.guest = async (side) => {
    if (side.open.kind !== OPEN_KIND.PUT) return side.exit({ code: 0, oom: false });
    put = side.open.path ?? '';
    const tar = await side.stdin;
    for await (const entry of readTar(PassThrough.from([tar])))
      entries.push(`${entry.type} ${entry.name} ${entry.uid}`);
    side.exit({ code: 0, oom: false });
  };
  const { code, stdout, stderr } = await ignite(['cp', 'site', 'web:/srv'], { daemon, cwd: folder.path });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
  assert.equal(put, '/srv');
  assert.deepEqual(entries, ['directory site/ 0', 'file site/index.html 0', 'symlink site/link 0']);
});

test('rule 20: cp out of a VM, to a new name, and as a tar stream', async () => {
  await using daemon = await startFakeDaemon();
  await using folder = await scratch();
  daemon.vms.push(runningVm('web'));
  daemon.guestFacts = () => ({ kind: FILE_KIND.DIRECTORY, mode: 0o755, size: 0 });
  daemon.guest = async (side) => {
    if (side.open.kind === OPEN_KIND.GET) {
      const entries = [
        { type: 'directory' as const, name: byteString('etc/') },
        { type: 'file' as const, name: byteString('etc/motd'), size: 2, content: [Buffer.from('hi')] },
        { type: 'symlink' as const, name: byteString('etc/l'), linkName: byteString('motd') },
      ];
      for await (const piece of writeTar(entries)) await side.write('stdout', piece);
    }
    side.exit({ code: 0, oom: false });
  };
  const copied = await ignite(['cp', 'web:/etc', 'copy'], { daemon, cwd: folder.path });
  assert.deepEqual(copied, { code: 0, stdout: '', stderr: '' });
  assert.equal(await readFile(join(folder.path, 'copy/motd'), 'utf8'), 'hi');
  assert.equal(await readlink(join(folder.path, 'copy/l')), 'motd');
  assert.equal((await ignite(['cp', 'web:/etc', '.'], { daemon, cwd: folder.path })).code, 0);
  assert.equal(await readFile(join(folder.path, 'etc/motd'), 'utf8'), 'hi');
  const tar = await ignite(['cp', 'web:/etc', '-'], { daemon });
  assert.ok(tar.stdout.startsWith('etc/'));
});

test('CP-03: rule 20: cp tells what it cannot do', async () => {
  assert.match((await ignite(['cp', 'a:/x', 'b:/y'])).stderr, /from one VM to another/);
  assert.match((await ignite(['cp', 'x', 'y'])).stderr, /Neither side names a VM/);
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('a'));
  const onTerminal = await ignite(['cp', 'a:/etc', '-'], { daemon, terminal: true });
  assert.deepEqual([onTerminal.code, onTerminal.stdout], [1, '']);
  assert.match(onTerminal.stderr, /An archive is nothing for a terminal/);
});
