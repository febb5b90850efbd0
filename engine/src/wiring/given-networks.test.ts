import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import type { State } from '../state/index.ts';
import { openGivenNetworks } from './given-networks.ts';

test('a host without CNI’s folders is told which plugin it lacks, and has the default configuration', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-cni-'));
  try {
    const configurations = join(folder, 'cni/net.d');
    const { cni } = openGivenNetworks({
      state: { root: folder, instance: 'abcdefgh', ordinal: 0 } as unknown as State,
      commands: { run: async () => ({ code: 0, stdout: '', stderr: '' }) },
      readText: async () => undefined,
      configuration: { cni: { configurations, plugins: [join(folder, 'bin')] } },
      spawn: '/nowhere',
    });
    await assert.rejects(
      cni.bind({ vmUid: 'a', mode: 'cni', ports: [] }, [], new AbortController().signal),
      (error) => isIgniteError(error, 'network/cni-no-plugin'),
    );
    assert.match(await readFile(join(configurations, '10-ignite.conflist'), 'utf8'), /"ignite/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
