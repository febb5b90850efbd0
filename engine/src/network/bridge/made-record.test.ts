import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Commands, createQueue, hostClock } from '../../host/index.ts';
import { loadOrMakeRecord, makeRecord } from './made-record.ts';
import { networkParts } from './options.ts';
import type { NetworkRecord } from './record.ts';

/** A host without routes, with engines that know of each other's records. */
function host() {
  const records = new Map<number, NetworkRecord[]>();
  const alone = createQueue();
  const commands: Commands = { run: async () => ({ code: 0, stdout: '', stderr: '' }) };
  const engine = (ordinal: number) => {
    const own: NetworkRecord[] = [];
    records.set(ordinal, own);
    return (index = 0) =>
      networkParts(
        {
          commands,
          clock: hostClock(),
          instance: `00000${ordinal}`,
          ordinal,
          bootId: 'boot',
          store: {
            all: async () => own,
            save: async (record) => void own.push(record),
            remove: async () => {},
          },
          neighbours: {
            alone,
            subnets: async () =>
              [...records].flatMap(([other, theirs]) =>
                other === ordinal ? [] : theirs.map(({ subnet }) => subnet),
              ),
          },
          readText: async () => undefined,
        },
        index,
      );
  };
  return { engine };
}

test('an engine passes over the range of another one whose network has no route yet', async () => {
  const { engine } = host();
  const [first, second] = [engine(0), engine(1)];
  await loadOrMakeRecord(first());
  const made = await makeRecord(first(1), { name: 'web', uid: 'u', index: 1, created: 'now' }, {});
  assert.equal(made.subnet, '10.63.0.0/16'); // where the next engine begins

  assert.equal((await loadOrMakeRecord(second())).subnet, '10.64.0.0/16');
});

test('engines that choose at one moment choose different ranges', async () => {
  const { engine } = host();
  const first = engine(0);
  await loadOrMakeRecord(first());

  const web = { name: 'web', uid: 'u', index: 1, created: 'now' };
  const chosen = await Promise.all([makeRecord(first(1), web, {}), loadOrMakeRecord(engine(1)())]);

  assert.notEqual(chosen[0].subnet, chosen[1].subnet);
});

test('a range that is named is refused where a network of another engine has it, in use or not', async () => {
  const { engine } = host();
  const [first, second] = [engine(0), engine(1)];
  const web = { name: 'web', uid: 'u', index: 1, created: 'now' };
  await makeRecord(first(1), web, { subnet: '10.80.0.0/24' });

  await assert.rejects(makeRecord(second(1), web, { subnet: '10.80.0.0/16' }), {
    code: 'network/subnet-overlaps',
    message: /overlaps the network 10\.80\.0\.0\/24 of another engine/,
  });
});
