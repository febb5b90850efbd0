import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import type { Commands, KvmLook } from '../host/index.ts';
import { verdictStore } from './verdict-store.ts';
import { judgeKvm, type KvmJudgeInput, type KvmVerdict, type VerdictStore } from './kvm-verdict.ts';

const signal = new AbortController().signal;
const trial = { binary: '/usr/bin/qemu', vmlinux: '/vmlinux' };
const silent = () => {};

function remember(known?: KvmVerdict): VerdictStore & { saved: KvmVerdict[] } {
  const saved: KvmVerdict[] = [];
  return { saved, load: async () => known, save: async (verdict) => void saved.push(verdict) };
}

function guest(outcome: string | IgniteError): Commands {
  return {
    run: async () => {
      if (outcome instanceof IgniteError) throw outcome;
      return { code: 0, stdout: outcome, stderr: '' };
    },
  };
}

function judge(commands: Commands, store: VerdictStore, look: KvmLook = 'promising') {
  return judgeKvm({ commands, store, look: async () => look }, trial, silent, signal);
}

test('a device that is absent, forbidden or pretending is judged without a boot', async () => {
  const never: Commands = { run: () => assert.fail('nothing may be started') };

  for (const look of ['absent', 'forbidden', 'pretends'] as const) {
    const verdict = await judge(never, remember(), look);
    assert.equal(verdict.trusted, false);
    assert.match(verdict.reason ?? '', /kvm/i);
  }
});

test('a kernel that gets as far as its root disk is the proof, and is remembered', async () => {
  const store = remember();

  const verdict = await judge(guest('VFS: Unable to mount root fs on unknown-block'), store);

  assert.deepEqual(verdict, { trusted: true });
  assert.deepEqual(store.saved, [verdict]);
});

test('a kernel that says nothing in time is a KVM that only pretends', async () => {
  const store = remember();

  const verdict = await judge(guest(new IgniteError('host/deadline', 'qemu did not finish')), store);

  assert.equal(verdict.trusted, false);
  assert.equal(store.saved.length, 1);
});

test('a trial that was late is made again, not at once and not for ever, and one that comes up is believed', async () => {
  let kept: unknown;
  const file = { load: async () => kept, save: async (value: unknown) => void (kept = value) };
  let [trials, now] = [0, 100];
  let outcome: string | IgniteError = new IgniteError('host/deadline', 'qemu did not finish');
  const commands: Commands = {
    run: (...words) => {
      trials += 1;
      return guest(outcome).run(...words);
    },
  };
  const store = verdictStore(file, 'boot');
  const input: KvmJudgeInput = { commands, store, look: async () => 'promising', uptime: () => now };
  const triedAfter = async (seconds: number) => {
    now += seconds;
    const before = trials;
    const { trusted } = await judgeKvm(input, trial, silent, signal);
    return [trials - before, trusted];
  };

  assert.deepEqual(await triedAfter(0), [1, false]);
  assert.deepEqual(await triedAfter(100), [0, false]);
  assert.deepEqual(await triedAfter(30), [1, false]);
  now += 1000;
  const untried = await judgeKvm(input, undefined, silent, signal);
  assert.match(untried.reason ?? '', /did not come up in 10 s/);
  const asItWas = kept;

  assert.deepEqual(await triedAfter(0), [1, false]);
  assert.deepEqual(await triedAfter(130), [1, false]);
  assert.deepEqual(await triedAfter(100_000), [0, false]);

  kept = asItWas;
  outcome = 'VFS: Unable to mount root fs';
  assert.deepEqual(await triedAfter(0), [1, true]);
  assert.deepEqual(await triedAfter(100_000), [0, true]);
});

test('a QEMU that ends by itself is no proof against KVM: the next one tries again', async () => {
  const store = remember();

  const verdict = await judge(
    guest(new IgniteError('host/command-failed', 'qemu: Device or resource busy')),
    store,
  );

  assert.deepEqual(verdict, { trusted: false, reason: 'qemu: Device or resource busy' });
  assert.deepEqual(store.saved, []);
});

test('many that start at one moment try KVM once', async () => {
  let kept: unknown;
  const file = { load: async () => kept, save: async (value: unknown) => void (kept = value) };
  const store = verdictStore(file, 'boot');
  let trials = 0;
  const commands: Commands = {
    run: async () => {
      trials += 1;
      return { code: 0, stdout: 'VFS: Unable to mount root fs', stderr: '' };
    },
  };

  const verdicts = await Promise.all(Array.from({ length: 50 }, () => judge(commands, store)));

  assert.ok(verdicts.every(({ trusted }) => trusted));
  assert.equal(trials, 1);
});

test('a remembered verdict spares the boot', async () => {
  const never: Commands = { run: () => assert.fail('nothing may be started') };

  const verdict = await judge(never, remember({ trusted: true }));

  assert.equal(verdict.trusted, true);
});
