// User ids of VMM processes (D13): base + ordinal × 4097 + slot, a range that must belong to nobody else; the last of it is
// the import worker's.
import { readFile } from 'node:fs/promises';
import { IgniteError } from '@ignite/api';
import { LIMITS } from '@ignite/api/limits';

/**
 * First user id. systemd gives 524288–1879048191 to containers and nothing from 1879048192 to 2147483647
 * (systemd.io/UIDS-GIDS, "Summary").
 */
export const DEFAULT_UID_BASE = 1_879_048_192;

export interface UidRange {
  /** uid and gid of the VMM in a slot. */
  vmm(slot: number): number;
  /** uid and gid of the import worker. */
  readonly worker: number;
}

interface UidRangeInput {
  readonly base: number;
  readonly ordinal: number;
  /** Reads a file of /etc or /proc; undefined where it is missing. */
  readonly read?: (path: string) => Promise<string | undefined>;
}

/**
 * The range of one engine, checked against the host's users, subordinate ids and the id map of our namespace.
 * @throws IgniteError `host/uid-range-taken` naming who has it, `host/uid-range-unmapped`
 */
export async function claimUidRange(input: UidRangeInput): Promise<UidRange> {
  const read = input.read ?? readOptional;
  const first = input.base + input.ordinal * (LIMITS.slots + 1);
  const last = first + LIMITS.slots; // the worker has the last
  const holder = findHolder(first, last, await read('/etc/passwd'), await read('/etc/subuid'));
  if (holder !== undefined)
    throw new IgniteError(
      'host/uid-range-taken',
      `The user ids ${first}–${last} for VMs belong to ${holder}`,
    );
  if (!isMapped(first, last, await read('/proc/self/uid_map')))
    throw new IgniteError(
      'host/uid-range-unmapped',
      `The user ids ${first}–${last} for VMs do not exist here`,
    );
  return { vmm: (slot) => first + slot, worker: last };
}

function findHolder(
  first: number,
  last: number,
  passwd: string | undefined,
  subuid: string | undefined,
): string | undefined {
  const user = rows(passwd).find(([, , uid]) => Number(uid) >= first && Number(uid) <= last);
  if (user !== undefined) return `the user ${user[0]} (/etc/passwd)`;
  const range = rows(subuid).find(
    ([, start, count]) => Number(start) <= last && Number(start) + Number(count) > first,
  );
  return range === undefined ? undefined : `${range[0]} (/etc/subuid)`;
}

/** user_namespaces(7): lines of `inside outside count`. */
function isMapped(first: number, last: number, map: string | undefined): boolean {
  if (map === undefined) return true;
  return map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .some(([inside = 0, , count = 0]) => inside <= first && inside + count > last);
}

function rows(text: string | undefined): string[][] {
  return (text ?? '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
