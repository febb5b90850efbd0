// States that are read off the host: paused, agent lost, who ended a run; and the verbs that change them.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { EventBody, Report } from '@ignite/api';
import { buildPrograms, eventually } from '../supervisor/world.ts';
import { CALL, type House, openHouse, SERVES, START } from './house.ts';

before(buildPrograms);

const { signal } = new AbortController();
/** The stand-in's agent does not answer when it is asked to set the clock, which may have been noticed. */
const RUNS = /^running( \(agent lost\))?$/;

async function houseWithVm(): Promise<House> {
  const house = await openHouse();
  await house.create('a', SERVES);
  await house.vms.start('a', START);
  return house;
}

describe('pause', () => {
  test('pause and unpause, again is no error; a paused VM is stopped like any other', async () => {
    await using house = await houseWithVm();
    for (const _ of ['first', 'again']) await house.vms.setPaused('a', true, signal);
    assert.equal(house.state('a'), 'paused');
    await assert.rejects(house.vms.start('a', START), { code: 'vm/paused' });
    await assert.rejects(house.vms.processes('a', signal), { code: 'vm/paused' });
    for (const _ of ['first', 'again']) await house.vms.setPaused('a', false, signal);
    assert.match(house.state('a'), RUNS);
    const told = house.engine.events.filter((event) => event.includes('pause'));
    assert.deepEqual(told, ['pause a', 'unpause a']);

    await house.vms.setPaused('a', true, signal);
    await house.vms.stop('a', CALL);
    assert.equal(house.state('a'), 'stopped (exit 0)');
    await assert.rejects(house.vms.setPaused('a', true, signal), { code: 'vm/not-running' });
    await house.assertClean();
  });

  test('a daemon that starts again sees that a VM is paused', async () => {
    await using house = await houseWithVm();
    await house.vms.setPaused('a', true, signal);
    await house.open();
    await house.becomes('a', 'paused');
    assert.ok(!house.engine.events.includes('pause a')); // that has not happened again
    await house.vms.kill('a', CALL);
    assert.equal(house.state('a'), 'stopped (killed)');
    await house.assertClean();
  });
});

describe('a host disk with no room for what the guest writes', () => {
  test('pauses the VM, told with its reason by every daemon; unpause lets it go on, and it can be stopped', async () => {
    await using house = await houseWithVm();
    const told = () => house.engine.events.filter((event) => event.includes('pause'));
    (await house.say('a', 'no room'))?.close();
    await house.becomes('a', 'paused (disk full)');
    assert.deepEqual(told(), ['pause a']);
    await assert.rejects(house.vms.processes('a', signal), { code: 'vm/disk-full' });
    await house.open();
    await house.becomes('a', 'paused (disk full)');
    await house.vms.setPaused('a', false, signal);
    assert.match(house.state('a'), RUNS);
    (await house.say('a', 'no room'))?.close();
    await house.becomes('a', 'paused (disk full)');
    await house.vms.stop('a', CALL);
    assert.equal(house.state('a'), 'stopped (exit 0)');
    await house.assertClean();
  });
});

describe('the agent', () => {
  test('that is gone is told as lost, and as back when it is', async () => {
    await using house = await houseWithVm();
    const handle = await house.say('a', 'link closed');
    await house.becomes('a', 'running (agent lost)');
    assert.equal(house.vms.inspect('a').status.agent, 'lost');
    await house.open();
    await house.becomes('a', 'running (agent lost)');
    await house.say('a', 'link open');
    await house.becomes('a', 'running');
    handle?.close();
    await house.vms.stop('a', CALL);
    await house.assertClean();
  });
});

describe('health', () => {
  test('a check that fails so often makes it unhealthy; it is told in events, and over when the VM is', async () => {
    await using house = await openHouse();
    const healthCheck = { kind: 'agent', interval: 0.05, retries: 2 } as const; // the stand-in has no agent
    await house.create('a', SERVES, { healthCheck });
    await house.vms.start('a', START);
    const health = () => house.vms.inspect('a').status.health;
    await eventually(health, (word) => word === 'unhealthy');
    assert.equal(house.vms.inspect('a').status.healthOutput, 'There is no agent');
    assert.ok(house.engine.events.includes('health a'));
    await house.open();
    await eventually(health, (word) => word === 'unhealthy');
    await house.vms.stop('a', CALL);
    assert.equal(health(), undefined);
  });
});

test('an end that cannot be written down at once is shown, and told once, as soon as it can', async () => {
  await using house = await houseWithVm();
  let failures = 0;
  house.outside.points = async (point) => {
    if (point !== 'before begin clear' || failures === 2) return;
    failures += 1;
    throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  await house.tell('a', 'exit 3');
  await house.becomes('a', 'stopped (exit 3)');
  assert.equal(failures, 2);
  assert.equal(house.engine.events.filter((event) => event === 'die a').length, 1);
  await house.assertClean();
});

describe('who ended it', () => {
  test('guest, user or host', async () => {
    await using house = await houseWithVm();
    const by = () => {
      const { status } = house.vms.inspect('a');
      return status.state === 'stopping' ? undefined : status.endedBy;
    };
    const again = async (end: () => Promise<unknown>) => {
      await end();
      await eventually(by, (who) => who !== undefined);
      const who = by();
      await house.vms.start('a', START);
      assert.equal(by(), undefined);
      return who;
    };
    assert.equal(await again(() => house.vms.stop('a', CALL)), 'user');
    assert.equal(await again(() => house.vms.kill('a', CALL)), 'user');
    assert.equal(await again(() => house.tell('a', 'exit 3')), 'guest');
    assert.equal(await again(() => house.tell('a', 'crash')), 'host');
    const lost = async () => process.kill(await house.supervisorPid('a'), 'SIGKILL');
    assert.equal(await again(lost), 'host');
  });
});

test('what is told agrees with what is shown: a start that a stop takes over has not failed, and what is removed does not run', async () => {
  await using house = await openHouse();
  await house.create('a', 'serve'); // up, and never ready
  const starting = house.vms.start('a', START);
  starting.catch(() => {}); // a test that fails before looks at it has its own error
  await house.becomes('a', 'starting (boot)');
  await house.vms.stop('a', CALL);
  await assert.rejects(starting, { code: 'lifecycle/superseded' });
  assert.equal(house.state('a'), 'stopped (killed)');
  assert.ok(!house.engine.events.includes('fail a'));
  await house.create('b', SERVES);
  await house.vms.start('b', START);
  await house.vms.remove('b', true, CALL);
  let last: EventBody | undefined;
  for await (const event of house.engine.rooms.state.events.read({ since: 0, follow: false, signal }))
    last = event;
  assert.deepEqual([last?.action, last?.attributes['state']], ['remove', 'stopped']);
});

describe('a VM that was made for one start', () => {
  for (const how of ['goes with a start that is cancelled', 'is kept where nobody says so'] as const)
    test(how, async () => {
      await using house = await openHouse();
      await house.create('a', 'serve'); // up, and never ready
      const aborter = new AbortController();
      const removeFailed = how === 'goes with a start that is cancelled';
      const starting = house.vms.start('a', { ...START, removeFailed, signal: aborter.signal });
      await house.becomes('a', 'starting (boot)');
      aborter.abort(new Error('whoever asked is gone'));
      await assert.rejects(starting);
      assert.equal(house.vms.list().length, removeFailed ? 0 : 1);
      await house.assertClean();
    });
});

describe('rename', () => {
  test('the new name is taken at once and kept by the next daemon', async () => {
    await using house = await houseWithVm();
    await house.vms.rename('a', 'x', signal); // no beginning of a UID
    await house.create('y', SERVES);
    await assert.rejects(house.vms.rename('x', 'y', signal), { code: 'vm/name-taken' });
    await assert.rejects(house.vms.rename('x', 'Not a name', signal), { code: 'api/invalid-name' });
    await house.vms.rename('x', 'z', signal);
    assert.throws(() => house.vms.inspect('x'), { code: 'vm/not-found' });
    assert.equal(house.state('z'), 'running');
    await house.vms.rename('z', 'z', signal);
    await house.create('x', SERVES);
    await house.open();
    assert.deepEqual(
      house.vms
        .list()
        .map(({ metadata }) => metadata.name)
        .toSorted(),
      ['x', 'y', 'z'],
    );
  });
});

test('stats measures supervisor and VMM on the host', async () => {
  await using house = await houseWithVm();
  const stats = await house.vms.stats('a', signal);
  assert.equal(stats.host.processes, 2);
  assert.ok(stats.host.memory > 0);
  assert.equal(stats.host.memoryLimit, house.vms.inspect('a').spec.memory);
  await house.vms.stop('a', CALL);
  await assert.rejects(house.vms.stats('a', signal), { code: 'vm/not-running' });
});

test('stops of one VM at once share its end, which the shortest grace brings; a kill takes over', async () => {
  await using house = await openHouse();
  await house.create('a', 'ready=app await=go exit=0'); // it does not hear that it is to end
  const beginStop = async () => {
    const asked = Promise.withResolvers<void>();
    const report: Report = (said) => void (said.kind === 'stage' && said.name === 'stop' && asked.resolve());
    await house.vms.start('a', START);
    const stopping = house.vms.stop('a', { ...CALL, report, timeoutSeconds: 3600 });
    stopping.catch(() => {}); // a test that fails before looks at it has its own error
    await asked.promise;
    return { stopping };
  };
  const older = await beginStop();
  const newer = house.vms.stop('a', { ...CALL, timeoutSeconds: 3600 });
  (await house.say('a', 'go'))?.close();
  await Promise.all([older.stopping, newer]);
  assert.equal(house.state('a'), 'stopped (powered off)');

  const patient = await beginStop();
  await Promise.all([patient.stopping, house.vms.stop('a', { ...CALL, timeoutSeconds: 0.05 })]);
  assert.equal(house.state('a'), 'stopped (killed)');

  const cut = await beginStop();
  await Promise.all([house.vms.kill('a', CALL), house.vms.kill('a', CALL)]);
  await assert.rejects(cut.stopping, { code: 'lifecycle/superseded' });
  await house.assertClean();
});

describe('a daemon that ends', () => {
  test('leaves the policy of what runs as it was at its start, whatever was updated since', async () => {
    await using house = await openHouse();
    const policies: unknown[] = [];
    house.outside.rebuilt = (nics) => void policies.push(...nics.map(({ policy }) => policy?.preset));
    await house.create('a', SERVES, { network: { mode: 'bridge', policy: { preset: 'public' } } });
    const updated = async () => {
      await house.vms.start('a', START);
      const { spec } = house.vms.look().find(({ vm }) => vm.metadata.name === 'a')?.record ?? assert.fail();
      const network = { ...spec.network, policy: { preset: 'none' } } as const;
      await house.vms.update('a', { spec: { ...spec, network } }, CALL);
      await house.open();
    };
    await updated();
    await house.vms.stop('a', CALL);
    await updated();
    assert.deepEqual(policies, ['public', 'none']);
  });

  test('lets go of every connection to supervisors: an open one would keep its process', async () => {
    const pipes = () => process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;
    const before = pipes();
    await using house = await houseWithVm();
    await house.vms.setPaused('a', true, signal); // by the control connection
    assert.ok(pipes() > before);
    await house.engine[Symbol.asyncDispose]();
    await eventually(pipes, (now) => now <= before);
    await house.open();
    await house.becomes('a', 'paused');
    await house.vms.kill('a', CALL);
  });

  for (const when of ['under the next daemon', 'while there is none'] as const)
    test(`leaves a VM that boots; that it comes up ${when} is told, once`, async () => {
      await using house = await openHouse();
      await house.create('a', 'await=go ready=app serve');
      house.vms.start('a', START).catch(() => {});
      const launched = () => house.vms.inspect('a').status.runtime.id;
      await eventually(launched, (id) => id !== '');
      const starts = () => house.engine.events.filter((event) => event === 'start a');
      if (when === 'under the next daemon') {
        await house.open();
        assert.deepEqual(starts(), []);
      } else await house.engine[Symbol.asyncDispose]();
      const handle = await house.say('a', 'go');
      await eventually(
        () => handle?.status().phase,
        (phase) => phase === 'ready',
      );
      handle?.close();
      if (when === 'while there is none') await house.open();
      await eventually(starts, (told) => told.length === 1);
      await house.open();
      await house.vms.stop('a', CALL);
      assert.deepEqual(starts(), []);
      assert.ok(house.engine.events.includes('die a'));
    });

  test('leaves a VM that boots to the next one, which gives it the rest of its time and tells it as a start that failed', async () => {
    await using house = await openHouse();
    for (const name of ['silent', 'late']) {
      await house.create(name, 'serve');
      house.vms.start(name, START).catch(() => {});
      const launched = () => house.vms.inspect(name).status.runtime.id;
      await eventually(launched, (id) => id !== '');
    }
    const record = join(house.root, 'state/vms', house.vms.inspect('silent').metadata.uid, 'record.json');
    await house.engine[Symbol.asyncDispose]();
    const written = await readFile(record, 'utf8'); // as if it had been given less time: the first daemon was faster else
    await writeFile(record, written.replace(/"timeoutSeconds": \d+/, '"timeoutSeconds": 0.1'));
    await house.open();
    await house.becomes('silent', 'failed (boot)');
    assert.equal(house.vms.inspect('silent').status.reason, 'start/guest-silent');
    await eventually(
      () => house.engine.events,
      (events) => events.includes('fail silent'),
    );
    assert.equal(house.state('late'), 'starting (boot)');
    await house.vms.stop('late', CALL);
    assert.equal(house.state('late'), 'stopped (killed)');
    await house.assertClean();
  });
});
