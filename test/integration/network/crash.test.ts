// The daemon ended in the middle: after each program that attach or detach runs, a new engine ends clean.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endsEarly } from './dying-host.ts';
import { contextFor, makeLab, memoryStore } from './lab.ts';

const signal = AbortSignal.timeout(1_800_000);
const PORTS = [
  { hostPort: 8080, vmPort: 80, protocol: 'tcp' },
  { hostPort: 8081, vmPort: 81, protocol: 'udp', bindAddress: '127.0.0.1' },
] as const;

/** A network that was made, and a policy with a chain of its own: more is to be removed than of a plain NIC. */
const LAB = { name: 'lab', uid: 'l'.repeat(16), created: '2026-01-01T00:00:00Z', subnet: '10.99.7.0/24' };
const WISH = { vmUid: 'uid-1', ports: PORTS, network: LAB.name } as const;
const policy = { preset: 'none', allow: [{ cidr: '10.1.0.0/16', protocol: 'tcp', port: 80 }] } as const;

test('a daemon killed after any program of attach or detach leaves what the next one removes', async () => {
  const lab = await makeLab();
  try {
    const before = await lab.count();
    let crashed = true;
    for (let limit = 1; crashed; limit++) {
      const store = memoryStore();
      await lab.engine({ store }).create(LAB);
      crashed = await endsEarly(lab.commands, limit, async (commands) => {
        const network = lab.engine({ commands, store });
        const nic = await network.bind(WISH, [], signal);
        await network.attach(nic, { ...contextFor(1), policy });
        await network.detach(nic, contextFor(1));
      });
      const nic = await lab.engine({ store }).bind(WISH, [], signal);
      const next = lab.engine({ store });
      await next.detach(nic, contextFor(1));
      assert.equal(await next.observe(nic, contextFor(1), signal), 'absent', `after ${limit} programs`);
      await next.removeAll(signal);
      assert.equal(await lab.count(), before, `after ${limit} programs`);
    }
  } finally {
    await lab.close();
  }
});
