// The soak in its short form; `npm run soak -- MINUTES` has the long one.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { judge } from '../../soak/judge.ts';
import { soak } from '../../soak/soak.ts';
import { buildPrograms } from '../supervisor/world.ts';

before(buildPrograms);

/** After a minute Node still compiles functions that were not hot before, and its heap has not settled; the long form is strict. */
const WHILE_IT_WARMS_UP = { heap: 1.5, resident: 2 };

test('a minute of cycles with kill -9 of daemon, supervisor and VMM leaves nothing, and nothing grows', async (t) => {
  const result = await soak(60_000);
  const { cycles, kills } = result;
  t.diagnostic(`${cycles} cycles; killed: ${JSON.stringify(kills)}; ${JSON.stringify(result.facts)}`);
  assert.deepEqual(judge(result, WHILE_IT_WARMS_UP), []);
  assert.ok(kills.supervisor + kills.vmm > 0);
});
