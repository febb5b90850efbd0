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

/** A guest without a supervisor. */
export interface BareGuest {
  /** Resolves when the image's command has printed something. */
  readonly printed: Promise<void>;
  end(): Promise<void>;
}

/** Executes QEMU on the template's disk. @param through words that execute the words after them elsewhere */
export function startBare(template: Template, through: readonly string[] = []): BareGuest {
  const [program = '', ...args] = [...through, template.program, ...template.args];
  // Node's pipes are socket pairs, as ignite-spawn's are: 3 console, 4 facts, 5 link, 6 control.
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  const printed = firstOutput(child.stdio[FACTS] as Readable).finally(() => clearTimeout(timer));
  return {
    printed,
    end: async () => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** Milliseconds from the start of QEMU until the output of the image's command has come. */
export async function bareLaunch(template: Template): Promise<number> {
  await copyFile(template.freshDisk, template.disk);
  const start = performance.now();
  const guest = startBare(template);
  try {
    await guest.printed;
    return performance.now() - start;
  } finally {
    await guest.end();
  }
}

/** Reads on afterwards: a guest whose words nobody takes would wait. */
function firstOutput(facts: Readable): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const parser = createFrameParser();
  facts.on('data', (piece: Uint8Array) => {
    for (const frame of parser.push(piece)) if (frame.type === FRAME.LOG) resolve();
  });
  facts.on('error', reject);
  facts.on('end', () => reject(new Error('The bare guest ended before its command was executed')));
  return promise;
}
