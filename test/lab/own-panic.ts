// Whether the lab's own machine broke down, not what was tried in it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A lab whose own kernel panicked is run again, up to this many times in all. */
export const ATTEMPTS = 3;

/**
 * What the lab's own kernel said where it panicked; undefined where it did not. It did so in two of a dozen runs, under load: once on
 * a page fault that came again and again, with the guest's GS base in the place of its own. We take it for QEMU 7.2's emulation of SVM.
 * @param results folder with the lab's console.log
 */
export async function ownPanic(results: string): Promise<string | undefined> {
  const said = await readFile(join(results, 'console.log'), 'utf8').catch(() => '');
  return /Kernel panic - not syncing: (.*)/.exec(said)?.[1]?.trim();
}
