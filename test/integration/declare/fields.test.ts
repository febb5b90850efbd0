// Every field of spec converges: diff says when a change takes effect, apply brings it about, and then nothing differs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { VmSpecInput } from '@ignite/api';
import { specDocument } from '@ignite/api/manifest';
import { SPEC_CHANGES, type SpecChange } from '../../fixtures/spec-changes.ts';
import { buildPrograms } from '../supervisor/world.ts';
import { manifest, openWorld, type World } from './world.ts';

let world: World;

before(async () => {
  buildPrograms();
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

/** What diff prints of a VM that is stopped. */
const WHEN = { live: 'live', start: 'next start', recreate: 'recreate' } as const;

/** The manifest of a VM that does not run, but where the change is about that. */
function text(name: string, spec: VmSpecInput): string {
  return manifest(name, { running: false, ...specDocument(spec) });
}

for (const [index, change] of SPEC_CHANGES.entries())
  test(`spec.${change.path} converges (${change.effect})`, async () => {
    const name = `f${index}`;
    const made = await world.ignite(['apply', '-f', '-'], text(name, change.from));
    assert.equal(made.stdout, `${name} created\n`, made.stderr);
    const shown = await world.ignite(['diff', '-f', '-'], text(name, change.to));
    assert.match(shown.stdout, new RegExp(`^ {2}spec\\.${change.path}: .*\\[${whenOf(change)}\\]$`, 'm'));
    const consent = change.effect === 'recreate' ? ['--allow-recreate'] : [];
    if (consent.length > 0)
      assert.equal((await world.ignite(['apply', '-f', '-'], text(name, change.to))).code, 1);
    await converges(name, change, consent);
    await world.ignite(['delete', '-f', '-'], manifest(name));
  });

test('what cannot be made anew stays as it is, whatever was allowed', async () => {
  await world.ignite(['apply', '-f', '-'], text('stays', {}));
  const { uid, created } = world.house.vms.inspect('stays').metadata;
  const wanted = text('stays', { vmm: 'cloud-hypervisor' }); // which is not on this host
  const { code, stderr } = await world.ignite(['apply', '--allow-recreate', '-f', '-'], wanted);
  assert.equal(code, 1);
  assert.match(stderr, /There is no VMM "cloud-hypervisor"/);
  const { metadata } = world.house.vms.inspect('stays');
  assert.deepEqual([metadata.uid, metadata.created], [uid, created]);
});

async function converges(name: string, { to }: SpecChange, consent: readonly string[]): Promise<void> {
  const applied = await world.ignite(['apply', ...consent, '-f', '-'], text(name, to));
  assert.equal(applied.code, 0, applied.stderr);
  assert.deepEqual(await world.ignite(['diff', '-f', '-'], text(name, to)), {
    code: 0,
    stdout: '',
    stderr: '',
  });
}

function whenOf({ path, effect }: SpecChange): string {
  return path === 'running' ? 'live' : WHEN[effect];
}
