// Second boot, after the power was lost: VMs with always or unless-stopped come back as they were, with no command typed;
// others are `stopped: host rebooted` at once.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { igniteOk } from './ignite.ts';
import { eventually, FACTS, host, look, servedPage, untilAnswers, vmms } from './reboot-world.ts';

test('the daemon was started with the boot, and tells of VMs that do not come back', async () => {
  await eventually(
    () => host('systemctl', 'show', '--property=ActiveState', '--value', 'ignited.service'),
    (state) => state === 'active',
  );
  await untilAnswers();
  const once = await look('once');
  assert.deepEqual([once.state, once.detail], ['stopped', 'host rebooted']);
  assert.match(await igniteOk(['ps', '-a']), /Stopped \(host rebooted\).* once$/m);
  const held = await look('held');
  assert.equal(held.state, 'stopped');
});

test('always and unless-stopped are up again: name, address, MAC, disk, volumes, ports', async () => {
  const before = JSON.parse(await readFile(FACTS, 'utf8'));
  for (const name of ['keeper', 'steady'])
    await eventually(
      () => look(name),
      ({ state }) => state === 'running',
    );
  for (const name of ['keeper', 'steady', 'held', 'once'])
    assert.deepEqual(JSON.parse(JSON.stringify((await look(name)).kept)), before[name]);
  assert.equal(await igniteOk(['exec', 'keeper', 'cat', '/root/file']), 'kept');
  await eventually(servedPage, (page) => page === 'page');
  assert.equal((await vmms()).length, 2);
  for (const name of ['once', 'held']) assert.equal((await look(name)).state, 'stopped');
});

test('one that does not come back starts when it is told, and nothing is left of its last run', async () => {
  await igniteOk(['start', 'once']);
  await eventually(
    () => look('once'),
    ({ state }) => state === 'running',
  );
  assert.equal(await igniteOk(['gc', '--dry-run']), '');
});
