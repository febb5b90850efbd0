import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Commands } from '../host/index.ts';
import type { Claim, Claims } from '../state/port.ts';
import { createTapRates, rateScript } from './rate.ts';

test('a tap is capped each way, in a table that replaces an earlier one', () => {
  assert.equal(
    rateScript({ tap: 'tap0', bytesPerSecond: 4 << 20 }),
    `add table netdev ignite_rate_tap0
delete table netdev ignite_rate_tap0
add table netdev ignite_rate_tap0
add chain netdev ignite_rate_tap0 ingress { type filter hook ingress device "tap0" priority 0; policy accept; }
add rule netdev ignite_rate_tap0 ingress limit rate over 4194304 bytes/second burst 1048576 bytes drop
add chain netdev ignite_rate_tap0 egress { type filter hook egress device "tap0" priority 0; policy accept; }
add rule netdev ignite_rate_tap0 egress limit rate over 4194304 bytes/second burst 1048576 bytes drop
`,
  );
  assert.match(rateScript({ tap: 't', bytesPerSecond: 65_536 }), /burst 262144 bytes/);
});

test('what is limited is claimed with its namespace, and found again by that', async () => {
  const live = new Map<string, Claim>();
  const claims: Claims = {
    claim: async (resource, data) =>
      void live.set(resource.name, {
        ...resource,
        ...(data === undefined ? {} : { data }),
        made: false,
        boot: '',
      }),
    made: async () => {},
    gone: async ({ name }) => void live.delete(name),
    live: () => [...live.values()],
  };
  const ran: string[] = [];
  const commands: Commands = {
    run: async (argv, options) => {
      ran.push(`${options?.netns}: ${argv.join(' ')}\n${String(options?.input)}`);
      return { code: 0, stdout: '', stderr: '' };
    },
  };
  const rates = createTapRates(commands);
  const { signal } = new AbortController();
  await rates.limit({ netns: '/run/netns/x', tap: 'tap0', bytesPerSecond: 1 << 20 }, claims, signal);
  assert.deepEqual([...live.keys()], ['ignite_rate_tap0']);
  await rates.unlimit(claims, signal);
  assert.deepEqual([...live.keys()], []);
  assert.match(ran[1] ?? '', /^\/run\/netns\/x: nft -f -\nadd table .*\ndelete table .*\n$/);
});
