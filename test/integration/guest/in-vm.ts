// Runs a VM of these tests and gives its folder back.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGuest } from '../../../engine/src/guest/index.ts';
import type { GuestSession } from '../../../engine/src/guest/port.ts';
import { makeRoot, startVm, type TestDrive, type TestVm } from './vm.ts';

/** Deadline of a test with one VM; on an idle host each takes 4 to 8 s. */
export const timeout = 900_000;

export interface InVmOptions {
  readonly grownTo?: number;
  readonly slow?: boolean;
  /** Adds files to the root, which has busybox and users otherwise. */
  readonly fill?: (folder: string) => void;
  /** Makes the drives beside the root in the folder it gets. */
  readonly drives?: (folder: string) => readonly TestDrive[];
}

/** Starts a VM, runs the test, ends it. */
export async function inVm(
  config: Parameters<typeof startVm>[0]['config'],
  run: (vm: TestVm) => Promise<void>,
  { fill, drives, ...options }: InVmOptions = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ignite-vm-test-'));
  try {
    const root = join(folder, 'root.ext4');
    makeRoot(root, 32, fill);
    await using vm = await startVm({
      config,
      root,
      ...options,
      ...(drives === undefined ? {} : { drives: drives(folder) }),
    });
    await run(vm);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A session with the VM's agent. */
export function sessionOf(vm: TestVm): Promise<GuestSession> {
  return createGuest({ initPath: '/nowhere' }).connect(vm.link, AbortSignal.timeout(180_000));
}

/** Runs a command in the VM and returns what it said, errors included. */
export async function sh(session: GuestSession, script: string, busybox = 'busybox'): Promise<string> {
  const argv = [busybox, 'sh', '-c', `exec 2>&1; ${script}`];
  const stream = await session.exec({ argv, env: [], detached: false });
  stream.stdin.end();
  let text = '';
  for await (const piece of stream.stdout) text += piece.toString();
  await stream.exit;
  return text;
}

/** Waits until the command has said so many lines. */
export async function lineCount(vm: TestVm, count: number): Promise<void> {
  const deadline = Date.now() + 180_000;
  while (vm.facts.stdout().toString().split('\n').length <= count) {
    assert.ok(Date.now() < deadline, `no ${count} lines: ${vm.console()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits for a fact, looking again every few milliseconds; tells the console where it does not come. */
export async function eventually(vm: TestVm, fact: () => boolean): Promise<void> {
  const deadline = Date.now() + 180_000;
  while (!fact()) {
    assert.ok(Date.now() < deadline, `it did not become so: ${vm.console()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
