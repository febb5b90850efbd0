import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExitRecord, SupervisorStatus } from './port.ts';
import type { StatusFeed } from './status-feed.ts';
import { type Watch, watchEnd } from './watch-end.ts';

const RECORD = { boot: 'b', ready: true, killed: false } as ExitRecord;

function feed(status: Partial<SupervisorStatus> = {}): StatusFeed {
  return {
    current: () => ({ phase: 'ready', notes: [], ...status }) as unknown as SupervisorStatus,
    onStatus: () => () => {},
    closed: Promise.resolve(),
    close: () => {},
  };
}

/** @param looks what each look at the process says; the last one stays */
function watching(looks: readonly (boolean | Error)[], more: Partial<Watch> = {}) {
  const left = [...looks];
  let ms = 0;
  const watch: Watch = {
    open: () => Promise.reject(new Error('EMFILE')),
    isAlive: () => {
      const [now] = left.length > 1 ? left.splice(0, 1) : left;
      if (now instanceof Error) throw now;
      return now ?? false;
    },
    readExit: async () => RECORD,
    clock: { sleep: async (rest) => void (ms += rest), monotonicMs: () => ms },
    relay: () => {},
    feed: feed(),
    stop: new AbortController().signal,
    ...more,
  };
  return { ended: watchEnd(watch), waitedMs: () => ms };
}

test('while no descriptor is free nobody is told of an end, and nothing fails', async () => {
  const full = new Error('EMFILE: too many open files');
  assert.equal(await watching([full, full, true, full, false]).ended, RECORD);
});

test('a connection that is made again after everybody has let go is closed', async () => {
  const stop = new AbortController();
  const closed = Promise.withResolvers<void>();
  const open = async () => {
    stop.abort();
    return { ...feed(), closed: closed.promise, close: () => closed.resolve() };
  };
  watching([true], { open, stop: stop.signal });
  await closed.promise;
});

test('a record that cannot be read now is read a little later', async () => {
  let tries = 0;
  const readExit = async () => {
    tries += 1;
    if (tries < 3) throw new Error('EMFILE: too many open files');
    return RECORD;
  };
  assert.equal(await watching([false], { readExit }).ended, RECORD);
});

test('a record that nobody can read is none', async () => {
  const readExit = () => Promise.reject(new Error('EIO'));
  assert.equal(await watching([false], { readExit }).ended, undefined);
});

test('a supervisor that said its last word and hangs has not ended', async () => {
  const looks = [...Array.from({ length: 2_000 }, () => true), false];
  const { ended, waitedMs } = watching(looks, { feed: feed({ phase: 'ended', exit: RECORD }) });
  assert.equal(await ended, RECORD);
  assert.ok(waitedMs() > 60_000);
});
