// A host whose clock is set while VMs live: what is shown of a VM, and what its policy makes of its end, does not depend on it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { hostClock } from '../../../engine/src/host/index.ts';
import { buildPrograms, eventually } from '../supervisor/world.ts';
import { CALL, openHouse, SERVES, START } from './house.ts';

before(buildPrograms);

const HOUR_MS = 3_600_000;

/** A host's clock that is wrong by so much. */
function clockOff(ms: number) {
  const clock = hostClock();
  return { ...clock, now: () => new Date(clock.now().getTime() + ms) };
}

test('a clock set back hides no end and no start that failed, and makes no stopped VM a failed one', async () => {
  await using house = await openHouse();
  house.outside.clock = clockOff(2 * HOUR_MS);
  await house.open();
  const lose = async () => {
    await house.vms.start('a', START);
    process.kill(await house.supervisorPid('a'), 'SIGKILL');
    await house.becomes('a', 'failed (supervisor lost)');
  };
  const failToStart = async () => {
    house.outside.attach = () => Promise.reject(new Error('no tap'));
    await assert.rejects(house.vms.start('a', START));
    assert.match(house.state('a'), /^failed \(network/);
    house.outside.attach = async () => {};
  };
  await house.create('a', SERVES);
  await lose();
  await failToStart();

  house.outside.clock = clockOff(0);
  await house.open();
  await house.vms.start('a', START);
  await house.vms.stop('a', CALL);
  assert.equal(house.state('a'), 'stopped (exit 0)');
  const [looked] = house.vms.look();
  assert.equal(typeof looked?.record.history.lastEnd?.ranMs, 'number');
  await failToStart();
  await lose();
  const ends = () => house.engine.events.filter((event) => event === 'die a').length;
  await eventually(ends, (count) => count === 2);
  await house.assertClean();
});
