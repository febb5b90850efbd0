// The bare launch to compare with: QEMU started by nobody but the benchmark, with the options, kernel, initrd and
// disk of a VM of ours.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createFrameParser } from '@ignite/api/frames';
import { FRAME } from '@ignite/protocol';
import type { Template } from './template.ts';

/** Descriptor of `facts` in the argv (engine/src/vmm/qemu/arguments.ts). */
const FACTS = 4;
const DEADLINE_MS = 120_000;

/** Milliseconds from the start of QEMU until the output of the image's command has come. */
export async function bareLaunch(template: Template): Promise<number> {
  await copyFile(template.freshDisk, template.disk);
  const start = performance.now();
  // Node's pipes are socket pairs, as ignite-spawn's are: 3 console, 4 facts, 5 link, 6 control.
  const child = spawn(template.program, template.args, {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  try {
    await firstOutput(child.stdio[FACTS] as Readable);
    return performance.now() - start;
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

async function firstOutput(facts: Readable): Promise<void> {
  const parser = createFrameParser();
  for await (const piece of facts as AsyncIterable<Uint8Array>)
    for (const frame of parser.push(piece)) if (frame.type === FRAME.LOG) return;
  throw new Error('The bare guest ended before its command was executed');
}
