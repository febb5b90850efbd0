// What is told of a VM that runs, and the verbs on it: pause, top, stats, port, rename.
import assert from 'node:assert/strict';
import { before, after, describe, test } from 'node:test';
import { ignite, igniteOk, inspect, runSleeper, statusOf, vmName, waitFor } from './world/index.ts';

describe('a VM that runs', () => {
  const name = vmName({ after }, 'states');
  const CHECK = 'test -e /tmp/well || { echo not well; exit 1; }';
  before(() =>
    runSleeper(name, [
      '-p',
      '8080',
      '--health-cmd',
      CHECK,
      '--health-interval',
      '100ms',
      '--health-retries',
      '2',
    ]),
  );

  test('its health follows what the check says', async () => {
    const shows = (text: RegExp) =>
      waitFor(`${text}`, async () => text.test((await statusOf(name)) ?? ''), 60_000);
    await shows(/^Up .*\(unhealthy\)/);
    assert.match((await inspect(name)).status.healthOutput ?? '', /exit 1: not well/);
    await igniteOk(['exec', name, 'touch', '/tmp/well']);
    await shows(/^Up .*\(healthy\)/);
    assert.equal(
      await igniteOk(['ps', '-q', '-f', 'health=healthy', '-f', `name=^${name}$`]),
      (await inspect(name)).metadata.uid,
    );
  });

  test('top shows the command, under the numbers it has inside', async () => {
    const list = (await igniteOk(['top', '--format', 'json', name]))
      .split('\n')
      .map((line) => JSON.parse(line));
    const main = list.find(({ pid }) => pid === 1);
    assert.match(main?.command, /^sh -c trap/);
    assert.ok(list.some(({ parent, command }) => parent === 1 && command === 'sleep 100000'));
    assert.ok(!list.some(({ command }) => command.includes('ignite')));
  });

  test('stats has figures of the host and of the guest', async () => {
    const FIGURES = ['MemUsage', 'GuestMem', 'NetIO', 'BlockIO'];
    // A figure whose source does not answer soon is left out.
    const stats = await waitFor('all figures', async () => {
      const line = await igniteOk(['stats', '--no-stream', '--format', 'json', name]);
      const told = JSON.parse(line) as Record<string, string>;
      return FIGURES.every((field) => /^[0-9].* [KMG]?B \//.test(told[field] ?? '')) && told;
    });
    assert.match(stats['CPUPerc'] ?? '', /^\d+\.\d\d%$/);
  });

  test('port tells the port that was chosen', async () => {
    const [nic] = (await inspect(name)).bound?.nics ?? [];
    assert.equal(await igniteOk(['port', name, '8080']), `0.0.0.0:${nic?.ports[0]?.hostPort}`);
  });

  test('pause halts it, unpause lets it go on, with the time of day', async () => {
    await igniteOk(['exec', name, 'date', '-s', '2001-01-01 00:00:00']); // as if it had been paused for years
    await igniteOk(['pause', name]);
    assert.match((await statusOf(name)) ?? '', /^Paused/);
    const refused = await ignite(['exec', name, 'true']);
    assert.equal(refused.code, 125);
    assert.match(refused.stderr, /is paused/);
    await igniteOk(['unpause', name]);
    assert.equal(await igniteOk(['exec', name, 'echo', 'on']), 'on');
    await waitFor('the clock of the guest is right', async () => {
      const seconds = Number(await igniteOk(['exec', name, 'date', '+%s']));
      return seconds > Date.now() / 1000 - 600 || undefined;
    });
  });

  test('rename: the new name at once, the old one not', async () => {
    const renamed = `renamed-${name}`;
    await igniteOk(['rename', name, renamed]);
    assert.equal(await igniteOk(['exec', renamed, 'echo', 'here']), 'here');
    assert.equal((await ignite(['inspect', 'vm', name])).code, 1);
    await igniteOk(['rename', renamed, name]);
  });
});
