import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { connectQmp } from './qmp.ts';

const signal = AbortSignal.timeout(120_000);

/** The other end of the pipe: answers like QEMU, `replies` by command. */
function qemuEnd(replies: Readonly<Record<string, object>>) {
  const [ours, theirs] = duplexPair();
  theirs.setEncoding('utf8');
  theirs.on('data', (text: string) => {
    for (const line of text.split('\n').filter((line) => line.startsWith('{'))) {
      const { execute, id } = JSON.parse(line) as { execute: string; id: string };
      const reply = replies[execute];
      if (reply !== undefined) theirs.write(`${JSON.stringify({ ...reply, id })}\r\n`);
    }
  });
  return { ours, theirs };
}

test('answers are matched by id among events and greetings', async () => {
  const { ours, theirs } = qemuEnd({
    qmp_capabilities: { return: {} },
    'query-status': { return: { running: true } },
  });
  theirs.write('{"QMP": {"version": {}}}\r\n{"event": "RESUME"}\r\nnot json\r\n');

  await using qmp = await connectQmp(ours, signal);

  assert.deepEqual(await qmp.execute('query-status', signal), { running: true });
});

test('negotiating a second time is no failure', async () => {
  const { ours } = qemuEnd({
    qmp_capabilities: {
      error: { class: 'CommandNotFound', desc: 'Capabilities negotiation is already complete' },
    },
    stop: { return: {} },
  });

  await using qmp = await connectQmp(ours, signal);

  assert.deepEqual(await qmp.execute('stop', signal), {});
});

test("a refusal carries QEMU's words", async () => {
  const { ours } = qemuEnd({
    qmp_capabilities: { return: {} },
    cont: { error: { class: 'GenericError', desc: 'Resetting the Virtual Machine is required' } },
  });
  await using qmp = await connectQmp(ours, signal);

  await assert.rejects(
    qmp.execute('cont', signal),
    (error) => isIgniteError(error, 'vmm/control-failed') && /Resetting/.test(error.message),
  );
});

test('an answer that is none of QEMU’s is an error of the one who asked, and of nobody else', async () => {
  const { ours } = qemuEnd({
    qmp_capabilities: { return: {} },
    cont: { error: null },
    stop: { error: { class: {}, desc: { toString: 1 } } },
    quit: { error: { desc: 'x'.repeat(100_000) } },
  });
  await using qmp = await connectQmp(ours, signal);

  for (const command of ['cont', 'stop', 'quit'])
    await assert.rejects(
      qmp.execute(command, signal),
      (error) => isIgniteError(error, 'vmm/control-failed') && error.message.length < 2000,
    );
});

test('what waits is told when the pipe ends', async () => {
  const { ours, theirs } = qemuEnd({ qmp_capabilities: { return: {} } });
  await using qmp = await connectQmp(ours, signal);

  const waiting = qmp.execute('system_powerdown', signal);
  theirs.destroy();
  ours.destroy();

  await assert.rejects(waiting, (error) => isIgniteError(error, 'vmm/control-lost'));
});

test('what was given up before it was asked is not sent', async () => {
  const asked: string[] = [];
  const { ours, theirs } = qemuEnd({ qmp_capabilities: { return: {} }, cont: { return: {} } });
  theirs.on('data', (text: string) => asked.push(text));
  await using qmp = await connectQmp(ours, signal);

  await assert.rejects(qmp.execute('stop', AbortSignal.abort(new Error('late'))), /late/);

  await qmp.execute('cont', signal);
  assert.doesNotMatch(asked.join(''), /"stop"/);
});
