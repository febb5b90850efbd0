// The lifecycle against the real state room and the real ignite-spawn: every verb, and every way a daemon or a VM ends.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { before, describe, test } from 'node:test';
import { isIgniteError, type Progress } from '@ignite/api';
import { buildPrograms, eventually } from '../supervisor/world.ts';
import { CALL, openHouse, SERVES, START } from './house.ts';

before(buildPrograms);

describe('verbs', () => {
  test('RM-02, CFG-03, CFG-04, BUG-11: create, start, stop, start, kill, rm; again is no error', async () => {
    await using house = await openHouse();
    await house.create('a', SERVES);
    assert.equal(house.state('a'), 'created');
    const { bound } = house.vms.inspect('a');

    for (const _ of ['first', 'again']) await house.vms.start('a', START);
    assert.equal(house.state('a'), 'running');
    const vmm = { name: 'qemu', version: '1', accelerator: 'tcg', machine: 'stand-in' };
    assert.deepEqual(house.vms.inspect('a').status.vmm, vmm);
    await assert.rejects(house.vms.remove('a', false, CALL), { code: 'vm/running' });
    for (const _ of ['first', 'again']) await house.vms.stop('a', CALL);
    assert.equal(house.state('a'), 'stopped (exit 0)');
    await house.assertClean();

    await house.vms.start('a', START);
    assert.deepEqual(house.vms.inspect('a').bound, bound);
    for (const _ of ['first', 'again']) await house.vms.kill('a', CALL);
    assert.equal(house.state('a'), 'stopped (killed)');

    await house.vms.remove('a', false, CALL);
    assert.deepEqual(house.vms.list(), []);
    assert.deepEqual(await readdir(join(house.root, 'state/vms')), []);
    assert.deepEqual(await readdir(join(house.root, 'run')), []);
    const actions = house.engine.events.map((event) => event.split(' ')[0]);
    assert.deepEqual(actions, ['create', 'start', 'die', 'start', 'die', 'remove']);
  });

  test('OUT-06: a disk that must be larger than was asked for is told', async () => {
    await using house = await openHouse();
    house.outside.baseBytes = 2 ** 30;
    const notes: string[] = [];
    const report = (said: Progress) => void (said.kind === 'note' && notes.push(said.text));
    const spec = { image: { oci: 'registry.test/image:1' }, diskSize: 64 << 20 };
    const vm = await house.vms.create({ metadata: { name: 'a' }, spec }, { ...CALL, report });
    assert.deepEqual(notes, ['A disk of 64.0 MB does not hold the image: it has 1024.0 MB']);
    assert.equal(vm.spec.diskSize, 64 << 20);
  });

  test('the exit code of a command is kept', async () => {
    await using house = await openHouse();
    await house.create('a', 'ready=app done=42 exit=0');
    await house.vms.start('a', START);
    await house.becomes('a', 'stopped (exit 42)');
    assert.equal(house.vms.inspect('a').status.exitCode, 42);
    await house.assertClean();
  });

  test('RAC-03: a VM with autoRemove goes with its command', async () => {
    await using house = await openHouse();
    await house.create('a', 'ready=app done=0 exit=0', { autoRemove: true });
    await house.vms.start('a', START);
    await eventually(
      () => house.vms.list().length,
      (count) => count === 0,
    );
    await house.assertClean();
  });

  test('on-failure:2 starts it twice more, and no more', async () => {
    await using house = await openHouse();
    await house.create('a', 'ready=app done=3 exit=0', {
      restartPolicy: { name: 'on-failure', maximumRetryCount: 2 },
    });
    await house.vms.start('a', START);
    const starts = () => house.engine.events.filter((event) => event === 'start a').length;
    await eventually(starts, (count) => count === 3);
    await house.becomes('a', 'stopped (exit 3)');
    assert.equal(house.vms.inspect('a').status.restarts, 2);
    assert.equal(starts(), 3);
  });

  test('a stop wins over a start that is under way', async () => {
    await using house = await openHouse();
    await house.create('a', 'serve');
    const starting = house.vms.start('a', START);
    starting.catch(() => {});
    await house.becomes('a', 'starting (boot)');

    await house.vms.stop('a', CALL);

    await assert.rejects(starting, (error: unknown) => isIgniteError(error, 'lifecycle/superseded'));
    await house.becomes('a', 'stopped (killed)');
    await house.assertClean();
  });

  test('rm -f ends the making of a VM', async () => {
    await using house = await openHouse();
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    house.outside.makeDisk = () => (reached.resolve(), goOn.promise);
    const making = house.create('a', SERVES);
    making.catch(() => {});
    await reached.promise;

    const removing = house.vms.remove('a', true, CALL);
    goOn.resolve();

    await assert.rejects(removing, { code: 'vm/not-found' });
    await assert.rejects(making, { code: 'host/cancelled', stage: 'disk' });
    assert.deepEqual(await readdir(join(house.root, 'state/vms')), []);
    assert.deepEqual(await readdir(join(house.root, 'run')), []);
  });

  test('fifty at once get names, slots and addresses of their own', async () => {
    await using house = await openHouse();
    const spec = { image: { oci: 'registry.test/image:1' } };
    const made = await Promise.all(Array.from({ length: 50 }, () => house.vms.create({ spec }, CALL)));
    const different = (what: (vm: (typeof made)[number]) => unknown) => new Set(made.map(what)).size;
    assert.equal(
      different((vm) => vm.metadata.name),
      50,
    );
    assert.equal(
      different((vm) => vm.metadata.uid),
      50,
    );
    assert.equal(
      different((vm) => vm.bound?.slot),
      50,
    );
    assert.equal(
      different((vm) => vm.status.network?.ipAddresses?.[0]),
      50,
    );
    assert.equal(Math.max(...made.map((vm) => vm.bound?.slot ?? -1)), 49);
  });
});

describe('failures', () => {
  test('BUG-17: a start that fails keeps the VM as failed, with stage and cause; mended, it starts', async () => {
    await using house = await openHouse();
    await house.create('a', SERVES);
    house.outside.attach = () => Promise.reject(new Error('no tap today'));
    await assert.rejects(house.vms.start('a', START));
    assert.equal(house.state('a'), 'failed (network)');
    await house.assertClean();
    await house.open();
    assert.equal(house.state('a'), 'failed (network)');

    house.outside.attach = async () => {};
    await house.vms.start('a', START);
    assert.equal(house.state('a'), 'running');
  });

  test('a guest that ends before it is up, and one that says nothing', async () => {
    await using house = await openHouse();
    await house.create('ends', 'note=mount:no-root exit=1');
    await assert.rejects(house.vms.start('ends', START), { code: 'start/guest-ended', stage: 'mount' });
    assert.equal(house.state('ends'), 'failed (mount)');
    await house.create('silent', 'serve');
    const start = house.vms.start('silent', { ...START, timeoutSeconds: 0.3 });
    await assert.rejects(start, { code: 'start/guest-silent', stage: 'boot' });
    assert.equal(house.state('silent'), 'failed (boot)');
    await house.assertClean();
  });

  test('a cleaning up that fails, too, does not hide why the start failed', async () => {
    await using house = await openHouse();
    await house.create('a', 'exit=1');
    house.outside.detach = () => Promise.reject(new Error('stuck'));
    await assert.rejects(house.vms.start('a', START), { code: 'start/guest-ended' });
    house.outside.detach = async () => {};
    await house.vms.stop('a', CALL);
    await house.assertClean();
  });

  test('STP-05, BUG-15: a supervisor that is killed is told as lost, and its VM starts again', async () => {
    await using house = await openHouse();
    await house.create('a', SERVES);
    await house.vms.start('a', START);
    process.kill(await house.supervisorPid('a'), 'SIGKILL');
    await house.becomes('a', 'failed (supervisor lost)');
    await house.assertClean();
    await house.vms.start('a', START);
    assert.equal(house.state('a'), 'running');
  });
});

describe('a daemon that ends and starts again', () => {
  test('takes over what runs', async () => {
    await using house = await openHouse();
    await house.create('a', SERVES);
    await house.vms.start('a', START);
    const pid = await house.supervisorPid('a');
    await house.open();
    assert.equal(house.state('a'), 'running');
    assert.equal(await house.supervisorPid('a'), pid);
    await house.vms.stop('a', CALL);
    assert.equal(house.state('a'), 'stopped (exit 0)');
    await house.assertClean();
  });

  test('tells the end of what ended meanwhile', async () => {
    await using house = await openHouse();
    await house.create('a', SERVES);
    await house.vms.start('a', START);
    await house.engine[Symbol.asyncDispose]();
    await house.tell('a', 'exit 7');
    await house.open();
    assert.equal(house.state('a'), 'stopped (exit 7)');
    await house.assertClean();
  });

  test('leaves a VM that boots to the next one', async () => {
    await using house = await openHouse();
    await house.create('a', 'serve');
    const starting = house.vms.start('a', START);
    starting.catch(() => {});
    const launched = () => house.vms.inspect('a').status.runtime.id;
    await eventually(launched, (id) => id !== '');
    const before = launched();

    await house.open();

    await assert.rejects(starting);
    assert.equal(house.state('a'), 'starting (boot)');
    assert.equal(launched(), before);
    await house.vms.kill('a', CALL);
    assert.equal(house.state('a'), 'stopped (killed)');
    await house.assertClean();
  });

  test('finishes a removal that the end of a daemon cut off', async () => {
    await using house = await openHouse();
    await house.create('a', SERVES);
    await house.vms.start('a', START);
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    house.outside.detach = () => (reached.resolve(), goOn.promise);
    const removing = house.vms.remove('a', true, CALL);
    removing.catch(() => {});
    await reached.promise;
    const { engine } = house;
    await engine[Symbol.asyncDispose]();
    goOn.resolve();
    await engine.vms.idle();
    await assert.rejects(removing);
    assert.deepEqual(engine.complaints, []);
    house.outside.detach = async () => {};

    await house.open();

    assert.deepEqual(house.vms.list(), []);
    await house.assertClean();
  });

  test('starts nothing once all VMs are being stopped', async () => {
    await using house = await openHouse();
    for (const name of ['a', 'b']) await house.create(name, SERVES);
    await house.vms.start('a', START);
    const halting = house.vms.haltAll('host');
    await assert.rejects(house.vms.start('b', START), { code: 'lifecycle/halting' });
    await halting;
    await assert.rejects(house.vms.start('a', START), { code: 'lifecycle/halting' });
    assert.equal(house.state('a'), 'stopped (host shut down)');
    assert.equal(house.state('b'), 'created');
    assert.ok(!house.engine.events.some((event) => event.startsWith('fail')));
    await house.assertClean();
  });

  test('BUG-15: knows a reboot of the host', async () => {
    await using house = await openHouse();
    await house.create('a', SERVES);
    await house.vms.start('a', START);
    await house.reboot('11111111-2222-3333-4444-555555555555');
    assert.equal(house.state('a'), 'stopped (host rebooted)');
  });

  test('BEY-01: after a reboot always and unless-stopped come back as they were, others tell of it', async () => {
    await using house = await openHouse();
    const policies = ['no', 'on-failure', 'always', 'unless-stopped'] as const;
    for (const name of [...policies, 'gone'] as const) {
      const restartPolicy = { name: name === 'gone' ? 'no' : name } as const;
      await house.create(`vm-${name}`, SERVES, { restartPolicy, autoRemove: name === 'gone' });
      await house.vms.start(`vm-${name}`, START);
    }
    await house.create('vm-stopped', SERVES, { restartPolicy: { name: 'unless-stopped' } });
    await house.vms.start('vm-stopped', START);
    await house.vms.stop('vm-stopped', CALL);
    const bound = house.vms.list().map((vm) => vm.bound);
    await house.reboot('22222222-3333-4444-5555-666666666666');
    await house.becomes('vm-always', 'running');
    await house.becomes('vm-unless-stopped', 'running');
    for (const name of ['vm-no', 'vm-on-failure']) assert.equal(house.state(name), 'stopped (host rebooted)');
    assert.equal(house.state('vm-stopped'), 'stopped (exit 0)');
    await eventually(
      () => house.vms.list().length,
      (count) => count === 5,
    ); // --rm holds for what ended with the host, too
    for (const vm of house.vms.list()) assert.ok(bound.some((one) => isDeepStrictEqual(one, vm.bound)));
  });

  test('an end that nobody saw is told with its own time, then the policy is followed', async () => {
    await using house = await openHouse();
    await house.create('a', SERVES, { restartPolicy: { name: 'on-failure' } });
    await house.vms.start('a', START);
    await house.engine[Symbol.asyncDispose]();
    await house.tell('a', 'exit 7');
    await house.open();
    await house.becomes('a', 'running');
    assert.deepEqual(house.engine.events.slice(0, 2), ['die a', 'start a']);
    assert.ok(house.engine.times[0]);
    assert.equal(house.vms.inspect('a').status.restarts, 1);
  });

  test('that halts all VMs leaves what should run to the next one', async () => {
    await using house = await openHouse();
    await house.create('always', SERVES, { restartPolicy: { name: 'always' } });
    await house.create('never', SERVES);
    for (const name of ['always', 'never']) await house.vms.start(name, START);

    await house.vms.haltAll('user');

    for (const name of ['always', 'never']) {
      assert.equal(house.state(name), 'stopped (exit 0)');
      assert.equal(house.vms.inspect(name).status.endedBy, 'user');
    }
    await house.assertClean();
    await house.open();
    await house.becomes('always', 'running');
    assert.equal(house.state('never'), 'stopped (exit 0)');
  });

  test('a host that goes down ended them: told so, and as its reboot by the daemon of the next boot', async () => {
    await using house = await openHouse();
    const policies = { kept: 'unless-stopped', failing: 'on-failure', never: 'no' } as const;
    for (const [name, policy] of Object.entries(policies)) {
      await house.create(name, SERVES, { restartPolicy: { name: policy } });
      await house.vms.start(name, START);
    }
    await house.create('held', SERVES, { restartPolicy: { name: 'unless-stopped' } });
    await house.vms.start('held', START);
    await house.vms.stop('held', CALL);

    await house.vms.haltAll('host');

    for (const name of Object.keys(policies)) {
      assert.equal(house.state(name), 'stopped (host shut down)');
      const { exitCode, endedBy } = house.vms.inspect(name).status;
      assert.deepEqual([exitCode, endedBy], [0, 'host']);
    }
    const { finishedAt } = house.vms.inspect('never').status;
    await house.reboot('44444444-5555-6666-7777-888888888888');
    for (const name of ['failing', 'never']) assert.equal(house.state(name), 'stopped (host rebooted)');
    assert.equal(house.vms.inspect('never').status.finishedAt, finishedAt);
    assert.equal(house.state('held'), 'stopped (exit 0)');
    await house.becomes('kept', 'running');
    assert.ok(!house.engine.events.some((event) => event.startsWith('die')), 'it was told before');
  });

  test('BUG-08: undoes a create that was interrupted', async () => {
    await using house = await openHouse();
    const reached = Promise.withResolvers<void>();
    house.outside.makeDisk = () => (reached.resolve(), new Promise<void>(() => {}));
    house.create('a', SERVES).catch(() => {});
    await reached.promise;
    assert.equal((await readdir(join(house.root, 'state/vms'))).length, 1);
    house.outside.makeDisk = async () => {};
    await house.open();
    assert.deepEqual(house.vms.list(), []);
    assert.deepEqual(await readdir(join(house.root, 'state/vms')), []);
    assert.deepEqual(await readdir(join(house.root, 'run')), []);
  });

  test('finishes an rm that was interrupted', async () => {
    await using house = await openHouse();
    await house.create('a', SERVES);
    await house.vms.start('a', START);
    const reached = Promise.withResolvers<void>();
    house.outside.detach = () => (reached.resolve(), new Promise<void>(() => {}));
    house.vms.remove('a', true, CALL).catch(() => {});
    await reached.promise;
    house.outside.detach = async () => {};
    await house.open();
    assert.deepEqual(house.vms.list(), []);
    assert.deepEqual(await readdir(join(house.root, 'state/vms')), []);
    assert.deepEqual([...house.outside.taps], []);
  });
});
