import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Commands } from '../../host/index.ts';
import { tscRate } from './tsc.ts';

const CONSTANT = 'processor : 0\nflags\t\t: fpu tsc constant_tsc nonstop_tsc\n';

function says(stdout: string, seen: unknown[] = []): Commands {
  return {
    run: async (argv) => {
      seen.push(argv);
      return { code: 0, stdout, stderr: '' };
    },
  };
}

test('the rate is measured once', async () => {
  const seen: unknown[] = [];
  const rate = tscRate({ commands: says('2299998\n', seen), spawn: '/s', cpuInfo: async () => CONSTANT });
  assert.deepEqual([await rate(), await rate()], [2_299_998, 2_299_998]);
  assert.deepEqual(seen, [['/s', '--tsc']]);
});

test('a measurement that failed is made again', async () => {
  const answers = [
    () => Promise.reject(new Error('nobody knows how it ended')),
    () => Promise.resolve({ code: 0, stdout: '2299998\n', stderr: '' }),
  ];
  const commands: Commands = { run: () => answers.shift()?.() ?? assert.fail('measured once more') };
  const rate = tscRate({ commands, spawn: '/s', cpuInfo: async () => CONSTANT });
  assert.deepEqual([await rate(), await rate(), await rate()], [undefined, 2_299_998, 2_299_998]);
});

test('no constant counter, nonsense, or no program: the guest is left to find out', async () => {
  const failing: Commands = { run: () => Promise.reject(new Error('no program')) };
  for (const [commands, cpuInfo] of [
    [says('2299998\n'), 'flags : fpu tsc\n'],
    [says(''), CONSTANT],
    [says('much\n'), CONSTANT],
    [failing, CONSTANT],
  ] as const)
    assert.equal(await tscRate({ commands, spawn: '/s', cpuInfo: async () => cpuInfo })(), undefined);
});
