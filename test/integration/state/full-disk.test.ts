// A full and a read-only file system: clear errors, the old content stays, and work goes on once there is room.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ErrorCode, fillSpec, isIgniteError, VM_RECORD_FORMAT, type VmRecord } from '@ignite/api';
import { openState } from '../../../engine/src/state/index.ts';

const asRoot = process.getuid?.() === 0;
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-full-'));
  if (asRoot) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder]);
});
after(async () => {
  if (asRoot) execFileSync('umount', [folder]);
  await rmdir(folder);
});

const hasCode = (code: ErrorCode) => (error: unknown) => isIgniteError(error, code);

function record(env: readonly string[]): VmRecord {
  const spec = fillSpec({ image: { oci: 'ubuntu' }, env: [...env] });
  assert.ok(spec !== undefined);
  return {
    format: VM_RECORD_FORMAT,
    kind: 'VM',
    manager: 'api',
    generation: 1,
    metadata: { name: 'a', uid: 'aaaaaaaaaaaaaaaa', created: '2026-11-20T10:00:00Z' },
    idPrefix: 'ignite',
    spec,
    bound: {
      slot: 0,
      driver: 'qemu',
      imageDigest: 'sha256:1',
      imageUid: '1',
      kernelDigest: 'sha256:2',
      kernelUid: '2',
      mode: 'app',
      nics: [],
      uuid: 'u',
      machineId: 'm',
    },
    sources: { image: { id: 'oci://a', size: 1 }, kernel: { id: 'oci://b', size: 1 } },
    history: { restarts: 0, seeded: false },
  };
}

test('a full, then a read-only file system', { skip: asRoot ? false : 'needs root' }, async () => {
  const options = { root: join(folder, 'lib'), runRoot: join(folder, 'run'), writer: 'test' };
  const filler = join(folder, 'filler');
  {
    await using state = await openState(options);
    await state.vms.put(record([]));
    const journal = await state.vms.journal('aaaaaaaaaaaaaaaa');
    await journal.claim({ kind: 'file', name: 'before' });
    await writeFile(filler, Buffer.alloc(1 << 20)).catch(() => {});

    const big = ['X='.padEnd(100_000, 'x')];
    await assert.rejects(state.vms.put(record(big)), hasCode('state/disk-full'));
    for (let index = 0; index < 40; index += 1) {
      const claim = journal.claim({ kind: 'file', name: `${index}`.padEnd(3000, '-') });
      if (await claim.then(() => false, hasCode('state/disk-full'))) break;
      assert.ok(index < 39, 'the file system never became full');
    }
    const known = journal.live().length;
    state.events.emit({ kind: 'vm', action: 'create', attributes: {} });
    await state.events.flush();
    await rm(filler);
    await journal.claim({ kind: 'file', name: 'after' });
    assert.equal(journal.live().length, known + 1);
    await state.vms.put(record(big));
  }
  {
    await using state = await openState(options);
    const journal = await state.vms.journal('aaaaaaaaaaaaaaaa');
    assert.equal(journal.problem, undefined);
    assert.equal(journal.live().at(-1)?.name, 'after');
    execFileSync('mount', ['--bind', folder, folder]);
    try {
      execFileSync('mount', ['-o', 'remount,bind,ro', folder]);
      await assert.rejects(state.vms.put(record([])), hasCode('state/read-only'));
      await assert.rejects(journal.claim({ kind: 'file', name: 'x' }), hasCode('state/read-only'));
    } finally {
      execFileSync('umount', [folder]);
    }
  }
});
