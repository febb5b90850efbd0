// What the scripts of this folder share: the host's facts, a scratch folder, and where archives go.
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Progress } from '@ignite/api';
import { hostCommands } from '../engine/src/host/index.ts';
import { archiveLayout } from '../engine/src/imagemake/index.ts';
import type { AptContext } from '../engine/src/kernels/index.ts';

export const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;
export const OS_RELEASE = readFileSync('/etc/os-release', 'utf8');

/** The newest time in an image: SOURCE_DATE_EPOCH, else the beginning of the day. */
export const EPOCH =
  process.env['SOURCE_DATE_EPOCH'] === undefined
    ? Math.floor(Date.now() / 86_400_000) * 86_400
    : Number(process.env['SOURCE_DATE_EPOCH']);

/** Runs `work` with a scratch folder that is removed afterwards. */
export async function withScratch(
  work: (folder: string, apt: AptContext) => Promise<void>,
  longestMs = 60 * 60_000,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-images-'));
  const signal = AbortSignal.timeout(longestMs);
  try {
    await work(folder, { commands: hostCommands(), scratch: folder, report: tell, signal });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes an OCI layout folder as the archive `build/images/NAME.tar`, whole or not at all, and says so. */
export async function saveArchive(layout: string, name: string): Promise<void> {
  const target = join(import.meta.dirname, '../build/images', `${name}.tar`);
  await mkdir(dirname(target), { recursive: true });
  await pipeline(archiveLayout(layout), createWriteStream(`${target}.tmp`));
  await rename(`${target}.tmp`, target);
  process.stdout.write(`${target}\n`);
}

function tell(progress: Progress): void {
  if (progress.kind === 'stage') process.stderr.write(`${progress.name}\n`);
  if (progress.kind === 'note') process.stderr.write(`${progress.text}\n`);
}
