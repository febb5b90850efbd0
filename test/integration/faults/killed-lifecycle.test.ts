// A daemon in a process of its own that kills itself with SIGKILL at a chosen record of create, start, stop and rm, as
// `IGNITE_FAULT=kill@N` does: the next one finds each VM whole or gone, what ran runs on in the same process, and nothing is left.
// Every record is walked in fault-walk.test.ts, by a daemon that stands still; here the kernel takes its files and sockets away.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Remote, startRemote } from '../../soak/remote.ts';
import { House } from '../lifecycle/house.ts';
import { buildPrograms } from '../supervisor/world.ts';

before(buildPrograms);

const VM = 'victim';
const BYSTANDER = 'bystander';

describe('a daemon that kills itself', () => {
  let house: House; // for its looks at the host; the daemons are processes
  let daemon: Remote;
  let bystander: unknown;

  const ok = async (...[verb, name]: Parameters<Remote['ask']>) => {
    const answer = await daemon.ask(verb, name);
    assert.ok(answer, `${verb} ${name ?? ''}`);
    return answer;
  };
  const names = async () => (await ok('list'))['names'];

  before(async () => {
    house = new House(await mkdtemp(join(tmpdir(), 'ignite-killed-')));
    daemon = startRemote(house.root);
    await ok('run', BYSTANDER);
    bystander = (await ok('pids', BYSTANDER))['supervisor'];
  });
  after(async () => {
    try {
      await ok('rm', BYSTANDER);
      await daemon.end();
      await house.assertClean();
    } finally {
      await daemon.kill();
      await house[Symbol.asyncDispose]();
      await rm(house.root, { recursive: true, force: true });
    }
  });

  for (const { verb, prepare, points } of [
    { verb: 'create', prepare: [], points: [1, 6] },
    { verb: 'start', prepare: ['create'], points: [2, 9] },
    { verb: 'stop', prepare: ['run'], points: [3] },
    { verb: 'rm', prepare: ['run'], points: [2, 6] },
  ] as const)
    for (const point of points)
      test(`at point ${point} of ${verb}`, async () => {
        for (const one of prepare) await ok(one, VM);
        await ok('fault', `kill@${point}`);
        assert.equal(await daemon.ask(verb, VM), undefined, 'it dies before it answers');
        assert.equal(await daemon.ask('list'), undefined, 'it is dead, and did not refuse');
        await daemon.kill(); // settles when its process is gone
        daemon = startRemote(house.root);

        const found = await names();
        assert.ok(Array.isArray(found) && found.includes(BYSTANDER));
        const there = found.includes(VM);
        assert.ok(there || verb === 'create' || verb === 'rm', 'it is gone');
        if (there) await ok('start', VM);
        else await ok('run', VM);
        await ok('rm', VM);
        assert.deepEqual(await names(), [BYSTANDER]);
        assert.equal((await ok('pids', BYSTANDER))['supervisor'], bystander);
        assert.equal((await readdir(join(house.root, 'state/vms'))).length, 1);
        assert.deepEqual(await readdir(join(house.root, 'run')), ['0']);
      });
});
