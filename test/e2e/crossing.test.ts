// Ends of the crossing table that only a real guest and a real VMM have (further ones: lives.test.ts, machine.test.ts): one VM,
// ended in each of these ways and started again. Each is told by its own word, and address, disk and network are as they were.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ignite, igniteOk, inspect, runSleeper, statusOf, vmName, waitFor } from './world/index.ts';

const PATIENCE_MS = 120_000;

describe('ends of a real VM', () => {
  const name = vmName({ after }, 'ends');
  let address: readonly string[] = [];
  before(async () => {
    await runSleeper(name);
    address = (await inspect(name)).status.network?.ipAddresses ?? [];
    await igniteOk(['exec', name, 'sh', '-c', 'echo kept > /root/file; sync']);
  });

  const ends = [
    {
      how: 'guest panic',
      // The guest is gone before exec can answer.
      end: () => ignite(['exec', name, 'sh', '-c', 'echo c > /proc/sysrq-trigger']),
      state: /^Failed \(kernel panic\)/,
    },
    {
      how: 'VMM kill -9',
      end: async () => process.kill(Number((await inspect(name)).status.runtime.id), 'SIGKILL'),
      state: /^Failed \(VMM crashed\)/,
    },
  ] as const;

  for (const { how, end, state } of ends)
    test(how, async () => {
      await end();
      await waitFor(`it is told: ${how}`, async () => state.test((await statusOf(name)) ?? ''), PATIENCE_MS);
      const { status } = await inspect(name);
      assert.deepEqual([status.running, status.agent], [false, 'none']);
      assert.notEqual(status.endedBy, 'user');
      for (const verb of ['stop', 'kill']) assert.equal((await ignite([verb, name])).code, 0, verb);
      assert.equal((await ignite(['exec', name, 'true'])).code, 125);
      assert.match((await statusOf(name)) ?? '', state, 'no verb changes how it ended');

      await igniteOk(['start', name]);
      assert.deepEqual((await inspect(name)).status.network?.ipAddresses, address);
      assert.equal(await igniteOk(['exec', name, 'cat', '/root/file']), 'kept');
    });
});
