// Guests of arm64, emulated: Debian's kernel for it, our programs compiled for it, one boot, exec, stop.
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { OPEN_KIND } from '@ignite/protocol';
import type { Engine } from '@ignite/engine';
import { CALL, IMAGE, openWorld, signal, skipReason } from './world.ts';

const skip = process.getuid?.() === 0 ? await skipReason() : 'only root gives VMMs their users';
const START = { ...CALL, attach: false, wait: 'agent', timeoutSeconds: 600 } as const;

test('a guest of arm64 boots, runs commands and stops', { skip, timeout: 1_200_000 }, async (t) => {
  await using world = await openWorld();
  const { engine } = world;
  await engine.vms.create(
    { metadata: { name: 'arm' }, spec: { image: { oci: IMAGE }, cpus: 2, network: { mode: 'none' } } },
    CALL,
  );
  await engine.vms.start('arm', START);

  await t.test('it is what it says', async () => {
    assert.match(await exec(engine, ['/bin/uname', '-m']), /^0 aarch64\n$/);
    assert.match(await exec(engine, ['/bin/cat', '/proc/cmdline']), /console=ttyAMA0/);
  });
  await t.test('the unit tests of ignite-init and ignite-spawn pass there', async () => {
    assert.match(await exec(engine, ['/units/init']), /^0 /);
    assert.match(await exec(engine, ['/units/spawn']), /^0 /);
  });
  await t.test('ignite-spawn runs there', async () => {
    assert.match(await exec(engine, ['/units/ignite-spawn', '--version']), /^\d+ .*/);
  });
  await t.test('stop ends its command, whose exit code is told', async () => {
    // `exec` works before the VM's own command has come as far as its trap.
    assert.equal(await exec(engine, ['/bin/sh', '-c', 'until [ -e /tmp/up ]; do sleep 0.1; done']), '0 ');
    const { status } = await engine.vms.stop('arm', { ...CALL, timeoutSeconds: 120 });
    assert.equal(status.state, 'stopped');
    assert.equal(status.exitCode, 7);
  });
});

/** Exit code and output of a command in the guest. */
async function exec(engine: Engine, argv: readonly string[]): Promise<string> {
  const opened = await engine.vms.stream('arm', { kind: OPEN_KIND.EXEC, argv: [...argv] }, signal);
  assert.equal(opened.kind, 'stream');
  if (opened.kind !== 'stream') return '';
  const { stdin, stdout, stderr, exit } = opened.stream;
  stdin.end();
  const [said, complained, { code }] = await Promise.all([text(stdout), text(stderr), exit]);
  return `${code} ${said}${complained}`;
}
