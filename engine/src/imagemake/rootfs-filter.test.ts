import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readContent, readTar, type TarInput, writeTar } from '@ignite/archive';
import type { MachineRecipe } from './recipe.ts';
import { applyRecipe } from './rootfs-filter.ts';
import { systemdRecipe } from './systemd-recipe.ts';

const EPOCH = 1_700_000_000;
const recipe: MachineRecipe = {
  packages: [],
  drop: [/^dev\/./, /^usr\/share\/doc\/./],
  keep: [/^usr\/share\/doc\/[^/]+(\/copyright)?$/],
  edits: [{ path: 'etc/sshd_config', removeLines: /^AcceptEnv/ }],
  files: [{ path: 'etc/new/file', mode: 0o600, text: 'mine' }],
  links: { 'etc/mask': '/dev/null' },
};

function file(name: string, text: string): TarInput {
  const content = Buffer.from(text);
  return {
    type: 'file',
    name,
    size: content.length,
    content: [content],
    mtime: { seconds: 2 ** 32, nanoseconds: 5 },
  };
}

async function apply(inputs: readonly TarInput[], use = recipe): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const applied = applyRecipe(readTar(writeTar(inputs)), use, EPOCH);
  for await (const entry of readTar(writeTar(applied))) {
    assert.ok(entry.mtime.seconds <= EPOCH, `${entry.name} is not newer than the epoch`);
    const text =
      entry.type === 'file' ? (await readContent(entry, 1000)).toString() : `${entry.type} ${entry.linkName}`;
    assert.ok(!found.has(entry.name), `${entry.name} comes once`);
    found.set(entry.name.replace(/\/$/, ''), text);
  }
  return found;
}

test('entries are dropped, kept, edited, replaced and added', async () => {
  const result = await apply([
    { type: 'directory', name: './' },
    { type: 'directory', name: './dev/' },
    { type: 'character', name: './dev/null', deviceMajor: 1, deviceMinor: 3 },
    { type: 'directory', name: './etc/' },
    file('./etc/sshd_config', 'Port 22\nAcceptEnv LANG\n'),
    file('./etc/new/file', 'theirs'),
    file('./usr/share/doc/x/README', 'words'),
    file('./usr/share/doc/x/copyright', 'law'),
    { type: 'hardlink', name: './a', linkName: './usr/share/doc/x/README' },
    { type: 'hardlink', name: './b', linkName: './etc/sshd_config' },
  ]);
  assert.deepEqual(Object.fromEntries(result), {
    dev: 'directory ',
    etc: 'directory ',
    'etc/sshd_config': 'Port 22\n',
    'usr/share/doc/x/copyright': 'law',
    b: 'hardlink etc/sshd_config',
    'etc/new': 'directory ',
    'etc/new/file': 'mine',
    'etc/mask': 'symlink /dev/null',
  });
});

test('SEC-06: the machine recipe leaves no secret of one machine, and gives every VM its own identity', async () => {
  const result = await apply(
    ['etc/ssh/ssh_host_rsa_key', 'etc/hostname', 'etc/resolv.conf', 'etc/machine-id', 'var/log/dpkg.log'].map(
      (name) => file(name, 'secret'),
    ),
    systemdRecipe,
  );
  assert.deepEqual(
    [...result].filter(([, text]) => text === 'secret'),
    [],
  );
  assert.equal(result.get('etc/machine-id'), '');
  assert.equal(result.get('etc/systemd/system/getty@tty1.service'), 'symlink /dev/null');
});
