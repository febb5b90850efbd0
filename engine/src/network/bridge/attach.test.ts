import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import type { Commands } from '../../host/index.ts';
import { detachNic } from './attach.ts';
import { networkParts } from './options.ts';
import { attaching, bridgeNic } from '../testing.ts';

const nic = bridgeNic('10.62.0.2');

/** Whatever is looked for is there until `nft -f` was asked `refusals` times, which refuses as if it had just gone. */
function detaching(refusals: number) {
  let refused = 0;
  const commands: Commands = {
    run: async (argv) => {
      const isScript = argv.includes('-f');
      if (isScript && refused < refusals) {
        refused += 1;
        throw new IgniteError('host/command-failed', 'nft failed: No such file or directory');
      }
      const isLook = argv.join(' ').includes('get element');
      return { code: isLook && refused >= refusals ? 1 : 0, stdout: '', stderr: '' };
    },
  };
  const claim = { kind: 'rules', name: 'ignite_9_abcdefgh/10.62.0.2', made: true, boot: 'b' } as const;
  const { context, gone } = attaching(1, claim);
  const options = { commands, instance: 'abcdefgh', ordinal: 9 };
  return { done: detachNic(networkParts(options as never), nic, context), gone };
}

test('rules that vanish between look and removal are no failure of the removal', async () => {
  const { done, gone } = detaching(2);
  await done;
  assert.deepEqual(
    gone.map(({ name }) => name),
    ['ignite_9_abcdefgh/10.62.0.2'],
  );
});

test('what refuses to go is told, and stays claimed', async () => {
  const { done, gone } = detaching(1000);
  await assert.rejects(done, { code: 'host/command-failed' });
  assert.deepEqual(gone, []);
});
