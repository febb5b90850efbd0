// A walk: an act is done again and again, with a fault one point later each time, until it is not reached any more. After
// each a new daemon opens what the one before left.
import { access, constants, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FilePoint, FilePoints } from './file-points.ts';
import type { SmallFileSystem } from './small-file-system.ts';

/** More points than any act has. */
const MOST_POINTS = 400;

/**
 * `stands still`: as a daemon that is killed there. The others: from there on, until the next daemon; by turns where it says
 * so. `really`: what the kernel says of the file system, which the walk gets for it.
 */
export type Fault = OneFault | keyof typeof BY_TURNS;
type RealFault = 'really full' | 'really read-only';
type OneFault = 'stands still' | 'ENOSPC' | 'EROFS' | RealFault;

/** Faults that change from point to point. */
const BY_TURNS = {
  'ENOSPC or EROFS': ['ENOSPC', 'EROFS'],
  'really full or read-only': ['really full', 'really read-only'],
} as const;

export interface Walk {
  /** Brings everything to where the act begins. */
  readonly prepare: () => Promise<unknown>;
  readonly act: () => Promise<unknown>;
  /** A new daemon takes over, on a host that has no fault any more. */
  readonly reopen: () => Promise<unknown>;
  /** Fails unless what was worked on is whole or gone, and nothing else is left. */
  readonly assertWholeOrGone: (where: string) => Promise<unknown>;
}

/** @param disk what the act writes to, for the faults that are real @returns how many points there are */
export async function walk(
  points: FilePoints,
  fault: Fault,
  steps: Walk,
  disk?: SmallFileSystem,
): Promise<number> {
  for (let at = 0; at < MOST_POINTS; at += 1) {
    await steps.prepare();
    const reached = Promise.withResolvers<string>();
    const code = faultAt(fault, at);
    let count = 0;
    let last = '';
    points.strike = async (point) => {
      if (point.name !== last) count += 1; // a file that is written in pieces is one point
      last = point.name;
      if (count <= at || !fails(point, code)) return;
      reached.resolve(point.name);
      if (isReal(code)) {
        points.strike = undefined; // the kernel strikes from here on
        if (code === 'really full') await disk?.fill();
        else disk?.makeReadOnly();
        return;
      }
      if (code === 'stands still') await new Promise(() => {});
      throw Object.assign(new Error(`${code}: ${point.name}`), { code });
    };
    const acting = steps.act().then(
      () => 'its end',
      (error: unknown) => `its failure, ${String(error)}`,
    );
    const where = await Promise.race([reached.promise, acting]);
    if (fault !== 'stands still') await acting; // one that is told of a failure still cleans up after itself
    points.strike = undefined;
    await disk?.mend();
    await points.closeAll();
    await steps.reopen();
    await steps.assertWholeOrGone(`${code} from ${where} on`);
    if (count <= at) return at;
  }
  throw new Error(`More than ${MOST_POINTS} points`);
}

function faultAt(fault: Fault, at: number): OneFault {
  if (fault !== 'ENOSPC or EROFS' && fault !== 'really full or read-only') return fault;
  const [even, odd] = BY_TURNS[fault];
  return at % 2 === 0 ? even : odd;
}

function isReal(fault: Fault): fault is RealFault {
  return fault === 'really full' || fault === 'really read-only';
}

/** On a full disk only what takes room fails; a read-only one refuses everything. */
function fails({ grows }: FilePoint, code: string): boolean {
  return (code !== 'ENOSPC' && code !== 'really full') || grows;
}

/** A folder in memory, where a flush costs nothing, if the host has such a place. */
export async function walkFolder(name: string): Promise<string> {
  const memory = '/dev/shm';
  const place = await access(memory, constants.W_OK).then(
    () => memory,
    () => tmpdir(),
  );
  return mkdtemp(join(place, `ignite-${name}-`));
}
