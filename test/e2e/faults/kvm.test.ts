// Hosts whose /dev/kvm is of no use: not ours to open, or there and not able to run a guest. Without a wish VMs are
// emulated, and one line says so; a wish for KVM is refused with the reason and the way out, and leaves nothing.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import {
  ignite,
  igniteOk,
  image,
  makeOrdinaryUser,
  type OrdinaryUser,
  place,
  waitFor,
} from '../world/index.ts';
import { assertNothingMore, traces } from './own-daemon.ts';
import { assertFails } from './shown.ts';

const ABSENT = existsSync('/dev/kvm') ? false : 'this host has no /dev/kvm';
const NOTICE = /^VMs are emulated on this host, which is slow: (.*)$/gm;

describe('/dev/kvm that a user may not open', { skip: ABSENT }, () => {
  let user: OrdinaryUser;
  before(async () => {
    user = await makeOrdinaryUser();
  });
  after(() => user[Symbol.asyncDispose]());

  test('doctor names the group', async () => {
    // A check that is not done soon says just that.
    const stdout = await waitFor('doctor looked at it', async () => {
      const said = (await user.ignite(['doctor'])).stdout;
      return said.includes('/dev/kvm is not yours to use') && said;
    });

    assert.match(stdout, /usermod -aG kvm/);
  });

  test('run emulates, and says so in one line, once', async () => {
    const said: string[] = [];
    for (const _ of ['first', 'again']) {
      const { code, stdout, stderr } = await user.ignite(['run', '--rm', image('busybox'), 'echo', 'hello']);
      assert.deepEqual([code, stdout], [0, 'hello\n'], stderr);
      said.push(...[...stderr.matchAll(NOTICE)].map((match) => match[1] ?? ''));
    }

    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said[0] ?? '', /\/dev\/kvm may not be opened.*group `kvm`/);
  });

  test('run --accel kvm is refused, names the group, and leaves nothing', async () => {
    const ended = await user.ignite(['run', '--accel', 'kvm', image('busybox'), 'true']);

    assertFails(ended, {
      code: 125,
      says: /KVM cannot be used: \/dev\/kvm may not be opened: .*group `kvm`/,
      stage: 'vmm',
      hint: /Leave --accel out/,
    });
    assert.deepEqual([await user.vmFiles(), await user.processes()], [[], []]);
  });
});

describe('KVM that only pretends', () => {
  test('PRE-01: run --accel kvm is refused with the reason and leaves nothing', async (t) => {
    if (!(await pretends())) return t.skip('this host has no KVM that only pretends');
    await igniteOk(['run', '--rm', image('busybox'), 'true']); // the network is there from now on
    const usual = await traces(place());

    for (const argv of [['run'], ['run', '-d'], ['create']]) {
      const ended = await ignite([...argv, '--accel', 'kvm', image('busybox'), 'true']);

      assertFails(ended, {
        code: argv[0] === 'run' ? 125 : 1,
        says: /KVM cannot be used: \/dev\/kvm is there, but the CPU has no virtualisation extension/,
        stage: 'vmm',
        hint: /Leave --accel out/,
      });
      await assertNothingMore(place(), usual);
    }
  });
});

/** A paravirtual KVM: the device is there, the processor's flag is not (so it never boots an ordinary kernel). */
async function pretends(): Promise<boolean> {
  if (!existsSync('/dev/kvm')) return false;
  const flags = /^flags\s*:(.*)$/m.exec(await readFile('/proc/cpuinfo', 'utf8'))?.[1];
  return flags !== undefined && !/\b(vmx|svm)\b/.test(flags);
}
