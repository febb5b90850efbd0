// Third boot, after the machine was shut down in order: the VMs had been stopped by the daemon; then Ignite is
// removed, and only the volume is left.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { ignite, igniteOk } from './ignite.ts';
import { eventually, host, look, servedPage, untilAnswers, vmms } from './reboot-world.ts';

interface Event {
  readonly kind: string;
  readonly action: string;
  readonly name?: string;
}

test('the shutdown stopped the VMs, and did not leave them to the end of the power', async () => {
  await untilAnswers();
  const lines = (await igniteOk(['events', '--since', '0', '--no-follow', '--format', 'json'])).split('\n');
  const events: readonly Event[] = lines.map((line) => JSON.parse(line));
  const starts = events.flatMap(({ kind, action }, at) =>
    kind === 'daemon' && action === 'start' ? [at] : [],
  );
  const run = events.slice(starts.at(-2), starts.at(-1)); // all that the daemon of the second boot told
  assert.ok(
    run.some(({ kind, action }) => kind === 'daemon' && action === 'stop'),
    'it ended in order',
  );
  for (const name of ['keeper', 'steady', 'once'])
    assert.ok(
      run.some((event) => event.action === 'die' && event.name === name),
      `${name}: ${lines.slice(-40).join('\n')}`,
    );
});

test('what should run runs again; one without a policy was stopped by the host', async () => {
  for (const name of ['keeper', 'steady'])
    await eventually(
      () => look(name),
      ({ state }) => state === 'running',
    );
  assert.equal(await igniteOk(['exec', 'keeper', 'cat', '/root/file']), 'kept');
  await eventually(servedPage, (page) => page === 'page');
  const once = await look('once');
  assert.deepEqual([once.state, once.detail, once.endedBy], ['stopped', 'host rebooted', 'host']);
  const held = await look('held');
  assert.deepEqual([held.state, held.endedBy], ['stopped', 'user']);
});

test('uninstall leaves the volume and nothing else', async () => {
  const { instance } = JSON.parse(await igniteOk(['system', 'info', '-o', 'json']));
  await igniteOk(['system', 'uninstall', '-f']);
  assert.deepEqual(await vmms(), []);
  assert.deepEqual(await readdir('/var/lib/ignite'), ['volumes']);
  for (const path of [
    '/run/ignite',
    '/usr/local/lib/ignite',
    '/usr/local/bin/ignited',
    '/run/ignite-engines',
  ])
    assert.ok(!existsSync(path), path);
  const units = await readdir('/etc/systemd/system', { recursive: true });
  assert.deepEqual(
    units.filter((name) => /ignite/.test(name)),
    [],
  );
  assert.equal(await host('nft', 'list', 'tables'), '');
  assert.deepEqual(
    (await readdir('/sys/class/net')).filter((name) => name.startsWith('ign')),
    [],
  );
  assert.deepEqual(await readdir('/run/netns').catch(() => []), []);
  const groups = await host('find', '/sys/fs/cgroup', '-name', `*${instance}*`);
  assert.equal(groups, '');
  assert.doesNotMatch(await host('getent', 'group'), /^ignite:/m);
  assert.equal((await ignite(['version'])).code, 255, 'the program is gone');
});
