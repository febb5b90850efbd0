// What the VMM sees of the host: its network namespace and taps, its cgroup, its jail.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, realpath, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { eventually, makeWorld, STAND_IN, soon } from './world.ts';

const skip = process.getuid?.() !== 0;

test('a tap of the namespace joined; a busy one is refused by name', { skip }, async () => {
  const netns = `ignspawn${randomBytes(4).toString('hex')}`;
  execFileSync('ip', ['netns', 'add', netns]);
  try {
    execFileSync('ip', ['-n', netns, 'tuntap', 'add', 'igntap0', 'mode', 'tap', 'vnet_hdr']);
    await using world = await makeWorld();
    const descriptors = [
      { fd: 3, kind: 'console' },
      { fd: 20, kind: 'tap', tap: 'igntap0' },
    ] as const;
    const argv = [STAND_IN, 'console=3', 'show=fds', 'serve'] as const;
    const placed = { netns: `/run/netns/${netns}`, descriptors, argv };
    const handle = await world.start([], placed);
    assert.match(
      execFileSync('ip', ['-n', netns, 'link', 'show', 'igntap0'], { encoding: 'utf8' }),
      /LOWER_UP|NO-CARRIER|DOWN/,
    );
    await using second = await makeWorld();
    await assert.rejects(second.supervisor.start(second.launch([], placed), soon()), (error) => {
      assert.ok(isIgniteError(error, 'supervisor/start-failed'));
      assert.equal(error.stage, 'tap');
      assert.match(error.message, /igntap0: .*busy/);
      return true;
    });
    await handle.kill(soon());
    await handle.ended;
    assert.match(await readFile(join(world.logs, 'vmm.log'), 'utf8'), /^fds: 0 1 2 3 20$/m);
    const third = await second.start([], placed); // the tap is free again
    await third.kill(soon());
  } finally {
    execFileSync('ip', ['netns', 'del', netns]);
  }
});

test('the supervisor and its VMM are in the cgroups, which it joins or is made in', { skip }, async (t) => {
  const parent = '/sys/fs/cgroup';
  const own = `ignspawn${randomBytes(4).toString('hex')}`;
  const kinds = [
    ['pids', 'memory'],
    ['unified', '.'],
  ]; // of version 1, of version 2
  const found = await Promise.all(
    kinds.map((names) => firstThatWorks(names.map((name) => join(parent, name, own)))),
  );
  const groups = found.filter((group) => group !== undefined);
  if (groups.length === 0) return t.skip('no cgroup can be made here');
  try {
    await using world = await makeWorld();
    const files = groups.map((group) => join(group, 'cgroup.procs'));
    const handle = await world.start(['serve'], { cgroups: files });
    for (const file of files) {
      const inside = (await readFile(file, 'utf8')).trim().split('\n').map(Number);
      assert.deepEqual(inside.sort(), [handle.process.pid, handle.status().vmmPid].sort(), file);
    }
    await handle.kill(soon());
    await handle.ended;
  } finally {
    for (const group of groups)
      await eventually(
        () =>
          rmdir(group).then(
            () => true,
            () => false,
          ), // the last of it may be about to leave
        (gone) => gone,
      );
  }
});

async function firstThatWorks(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    try {
      await mkdir(path);
      await access(join(path, 'cgroup.procs'));
      return path;
    } catch {
      await rmdir(path).catch(() => {});
    }
  }
  return undefined;
}

test('a jail: only what was bound, read-only where said, the host unchanged', { skip }, async () => {
  await using world = await makeWorld();
  const jail = join(world.root, 'jail');
  const [disk, shared] = [join(world.root, 'disk.raw'), join(world.root, 'shared')];
  await mkdir(jail);
  await mkdir(shared);
  await writeFile(disk, 'disk', { mode: 0o644 });
  const handle = await world.start([], {
    argv: ['/bin/vmm', 'console=3', 'show=root', 'show=uid', 'exit=0'],
    uid: 54_323,
    gid: 54_323,
    jail: {
      root: jail,
      binds: [
        { writable: false, source: STAND_IN, target: '/bin/vmm' },
        { writable: true, source: disk, target: '/disks/0' },
        { writable: false, source: shared, target: '/shared' },
        { writable: true, source: '/dev/null', target: '/dev/null' },
        { writable: false, source: '/proc', target: '/proc' },
      ],
    },
  });
  assert.deepEqual((await handle.ended)?.vmm, { code: 0 });
  const log = await readFile(join(world.logs, 'vmm.log'), 'utf8');
  const names = /^root: (.*)$/m.exec(log)?.[1]?.split(' ').sort();
  assert.deepEqual(names, ['bin', 'dev', 'disks', 'proc', 'shared']);
  assert.match(log, /^writable: no$/m);
  assert.match(log, /^uid: 54323/m);
  assert.ok(
    !(await readFile('/proc/self/mountinfo', 'utf8')).includes(world.root),
    'no mount of ours on the host',
  );
});

test('a jail refuses links and sources that are missing', { skip }, async () => {
  await using world = await makeWorld();
  const jail = join(world.root, 'jail');
  await mkdir(jail);
  for (const [source, text] of [
    ['/proc/self', /symbolic link/],
    ['/nowhere', /No such file/],
  ] as const)
    await assert.rejects(
      world.supervisor.start(
        world.launch([], { jail: { root: jail, binds: [{ writable: false, source, target: '/x' }] } }),
        soon(),
      ),
      (error) =>
        isIgniteError(error, 'supervisor/start-failed') && error.stage === 'jail' && text.test(error.message),
    );
  assert.deepEqual(await world.processes(), []);
});

test('a folder is shared where it is, and nothing to which a link leads by then', { skip }, async () => {
  await using world = await makeWorld();
  const root = await realpath(world.root);
  const [folder, target] = [join(root, 'above/folder'), join(root, 'target')];
  await mkdir(folder, { recursive: true });
  await mkdir(target);
  await symlink('above', join(root, 'link'));
  const sharing = (source: string): Parameters<typeof world.launch> => [
    [],
    {
      argv: [STAND_IN, 'console=3', 'serve'],
      folderProgram: ['/bin/sleep', 'infinity', '--'], // ends for the words that follow: it is not asked for anything
      descriptors: [
        { fd: 3, kind: 'console' },
        { fd: 20, kind: 'share', source, target, readOnly: true },
      ],
    },
  ];
  await assert.rejects(
    world.supervisor.start(world.launch(...sharing(join(root, 'link/folder'))), soon()),
    /link\/folder: Symbolic link loop/,
  );
  const handle = await world.start(...sharing(folder));
  await handle.kill(soon());
  assert.ok(await handle.ended);
});
