import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { whyNotExecutable } from './executable.ts';

test('each reason has words of its own; scripts and programs of this machine are fine', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-executable-'));
  try {
    const why = (name: string) => whyNotExecutable(join(folder, name), 'x86_64');
    const put = async (name: string, content: string | Buffer, mode = 0o755) => {
      await writeFile(join(folder, name), content);
      await chmod(join(folder, name), mode);
    };
    const elf = (machine: number) => {
      const head = Buffer.alloc(64);
      head.write('\x7fELF\x02\x01\x01', 'latin1');
      head.writeUInt16LE(machine, 18);
      return head;
    };
    await mkdir(join(folder, 'folder'));
    await put('script', '#!/bin/sh\n');
    await put('short', '\x7fELF');
    await put('plain', '#!/bin/sh\n', 0o644);
    for (const machine of [62, 183, 243]) await put(`elf-${machine}`, elf(machine));
    for (const fine of ['script', 'short', 'elf-62']) assert.equal(await why(fine), undefined);
    assert.match((await why('none')) ?? '', /it is not there$/);
    assert.match((await why('folder')) ?? '', /it is not a file$/);
    assert.match((await why('plain')) ?? '', /it is not executable \(chmod \+x /);
    assert.match((await why('elf-183')) ?? '', /it is for aarch64, and this machine is x86_64$/);
    assert.match((await why('elf-243')) ?? '', /it is for another machine/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
