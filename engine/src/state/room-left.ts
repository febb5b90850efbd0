// Whether there is room for what a start writes down: better refused at once than after a boot.
import { IgniteError } from '@ignite/api/errors';
import { freeSpace } from '../host/index.ts';

/** A record, its journal, the first lines of the logs; and what the guest writes before it reports. */
const START_BYTES = 1 << 20;

/**
 * Fails where the file system of the state directory is almost full. Blocks reserved for root count as free: the daemon may be
 * root.
 * @param root absolute path of the state directory
 * @throws IgniteError `state/disk-full`
 */
export async function requireStartRoom(root: string, look = freeSpace): Promise<void> {
  const { forRoot: free } = await look(root);
  if (free >= START_BYTES) return;
  throw new IgniteError(
    'state/disk-full',
    `Nothing can be started: the file system of ${root} is full (${Math.floor(free / 1024)} KiB are free)`,
    { details: { path: root, needed: START_BYTES, free } },
  );
}
