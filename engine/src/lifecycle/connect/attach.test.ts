import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import type { GuestSession, GuestStream } from '../../guest/port.ts';
import type { ExitRecord, SupervisorHandle } from '../../supervisor/port.ts';
import { type AttachInput, attachMain } from './attach.ts';

/** Attaches to it; it is given what is typed unless `more` says otherwise. */
function attachTo(
  handle: SupervisorHandle,
  more: Pick<AttachInput, 'session'> & Partial<Pick<AttachInput, 'takesInput' | 'againMs'>>,
) {
  return attachMain({ handle, name: 'a', takesInput: true, signal: AbortSignal.timeout(60_000), ...more });
}

/** A supervisor whose VM runs until `end` is called. */
function running() {
  const ended = Promise.withResolvers<ExitRecord | undefined>();
  const over = new AbortController();
  const pipe = new PassThrough();
  const handle = {
    open: async () => pipe,
    ended: ended.promise,
    over: over.signal,
  } satisfies Partial<SupervisorHandle>;
  return {
    handle: handle as unknown as SupervisorHandle,
    pipe,
    end: (record?: ExitRecord) => {
      pipe.end();
      ended.resolve(record);
      over.abort();
    },
  };
}

/** A command in the guest that keeps what it is told. */
function listening() {
  const stdin = new PassThrough();
  const stream: Partial<GuestStream> = {
    stdin,
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    exit: new Promise(() => {}),
  };
  const session: Partial<GuestSession> = { main: async () => stream as GuestStream };
  return { stdin, session: session as GuestSession };
}

test('what was typed while the agent could not be reached comes to the command when it can', async () => {
  const { handle, end } = running();
  const { stdin, session } = listening();
  let tries = 0;
  const attached = await attachTo(handle, {
    againMs: 1,
    session: async () => {
      tries += 1;
      if (tries < 4) throw new IgniteError('vm/paused', 'a is paused');
      return session;
    },
  });
  attached.stdin.write('ls\n');
  for await (const piece of stdin) {
    assert.equal(String(piece), 'ls\n');
    break;
  }
  assert.equal(tries, 4);
  end();
});

test('of a VM that ended nobody asks any more', async () => {
  const { handle, end } = running();
  const first = Promise.withResolvers<void>();
  let tries = 0;
  const attached = await attachTo(handle, {
    againMs: 3_600_000,
    session: async () => {
      tries += 1;
      first.resolve();
      throw new IgniteError('guest/unreachable', 'no agent');
    },
  });
  attached.stdin.write('ls\n');
  await first.promise;
  end();
  await assert.rejects(attached.exit, { code: 'start/guest-ended' });
  assert.equal(tries, 1);
});

test('the mere end of an input that the command does not read opens no session', async () => {
  const { handle, end } = running();
  let tries = 0;
  const attached = await attachTo(handle, {
    takesInput: false,
    session: async () => {
      tries += 1;
      throw new IgniteError('guest/unreachable', 'no agent');
    },
  });
  const ended = once(attached.stdin, 'end');
  attached.stdin.end();
  await ended;
  end();
  await assert.rejects(attached.exit, { code: 'start/guest-ended' });
  assert.equal(tries, 0);
});

test('a command that called reboot(2) has ended well', async () => {
  const { handle, end } = running();
  const attached = await attachTo(handle, {
    takesInput: false,
    session: async () => assert.fail('nobody has to be asked'),
  });
  const at = '2026-11-20T10:00:00Z';
  end({
    boot: 'b',
    startedAt: at,
    endedAt: at,
    vmm: { code: 0 },
    intent: 'reboot',
    ready: true,
    killed: false,
  });
  assert.deepEqual(await attached.exit, { code: 0, oom: false });
});

test('one that goes leaves nothing with a VM that runs on, whether it had its output or another took it over', async () => {
  for (const takenOver of [false, true]) {
    const { handle, pipe } = running();
    const { session } = listening();
    const attached = await attachTo(handle, {
      session: async () => session,
    });
    assert.ok(getEventListeners(handle.over, 'abort').length > 0);
    attached.stdout.resume();
    if (takenOver) {
      pipe.end();
      await once(attached.stdout, 'end');
    }
    attached.reset();
    await assert.rejects(attached.exit);
    assert.deepEqual(getEventListeners(handle.over, 'abort'), []);
  }
});
