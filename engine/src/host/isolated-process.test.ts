import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError, isIgniteError } from '@ignite/api';
import { probeNetworkCut } from './isolated-process.ts';

const signal = new AbortController().signal;
const commandsThatFail = (error: IgniteError) => ({ run: () => Promise.reject(error) });

test('a host that refuses a namespace offers none', async () => {
  const refused = new IgniteError('host/command-failed', 'no', { details: { exitCode: 1 } });
  for (const error of [refused, new IgniteError('host/program-missing', 'no')])
    assert.equal(await probeNetworkCut(commandsThatFail(error), signal), 'none');
});

test('a host that did not answer in time is not taken for one that offers nothing', async () => {
  const notStarted = new IgniteError('host/command-failed', 'EAGAIN');
  const killed = new IgniteError('host/command-failed', 'killed', { details: { exitCode: -1 } });
  for (const error of [new IgniteError('host/deadline', 'slow'), notStarted, killed])
    await assert.rejects(probeNetworkCut(commandsThatFail(error), signal), (thrown) =>
      isIgniteError(thrown, error.code),
    );
});
