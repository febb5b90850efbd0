import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import type { Commands } from '../host/index.ts';
import { ensureAccepts, removeMarkedAccepts } from './foreign-accepts.ts';

const MARK = 'ignite-0-abc';
const RULE = `-A DOCKER-USER -i ign0 -m comment --comment ${MARK} -j ACCEPT`;
const table = (...rules: readonly string[]) =>
  ['*filter', ':FORWARD DROP [0:0]', ':DOCKER-USER - [0:0]', ...rules, 'COMMIT', ''].join('\n');

/** A table that its owner changes before the n-th script is loaded, which is refused then. */
function changing(texts: readonly [string, ...string[]]) {
  let at = 0;
  const loaded: string[] = [];
  const commands: Commands = {
    run: async ([program], { input = '' } = {}) => {
      if (program === 'iptables-nft-save') return { code: 0, stdout: texts[at] ?? '', stderr: '' };
      if (program !== 'iptables-nft-restore') return { code: 1, stdout: '', stderr: '' };
      if (at < texts.length - 1) {
        at += 1;
        throw new IgniteError('host/command-failed', 'iptables-restore: line 2 failed');
      }
      loaded.push(String(input));
      return { code: 0, stdout: '', stderr: '' };
    },
  };
  return { commands, loaded };
}

test('rules that their chain’s owner has flushed meanwhile are removed already', async () => {
  const { commands, loaded } = changing([table(RULE), table()]);
  await removeMarkedAccepts(commands, MARK);
  assert.deepEqual(loaded, []);
});

test('accepts go where there is room when the script is loaded, not where there was', async () => {
  const { commands, loaded } = changing([table(), table().replace(/:DOCKER-USER.*\n/, '')]);
  await ensureAccepts(commands, [{ link: 'ign0', mark: MARK }]);
  assert.match(loaded.join(''), /^-I FORWARD 1 -i ign0/m);
});

test('a table that refuses whatever it is told is told of', async () => {
  const { commands } = changing([table(RULE), table(RULE), table(RULE), table(RULE)]);
  await assert.rejects(removeMarkedAccepts(commands, MARK), { code: 'host/command-failed' });
});
