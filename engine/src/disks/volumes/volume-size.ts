// Sizes of volumes: whole MiB between what ext4 needs for its journal and what it can address.
import { IgniteError } from '@ignite/api';
import { LIMITS } from '@ignite/api/limits';
import { displaySize } from '@ignite/api/sizes';

const MIB = 1 << 20;
/** Room for the smallest journal, one inode table, and something to keep. */
const LEAST_VOLUME_BYTES = 32 * MIB;

/** The size rounded up to whole MiB. @throws IgniteError `volumes/invalid-size` */
export function volumeSize(bytes: number): number {
  if (bytes >= LEAST_VOLUME_BYTES && bytes <= LIMITS.diskMaxBytes) return Math.ceil(bytes / MIB) * MIB;
  const [least, most] = [displaySize(LEAST_VOLUME_BYTES), displaySize(LIMITS.diskMaxBytes)];
  throw new IgniteError(
    'volumes/invalid-size',
    `A volume has from ${least} to ${most}, not ${displaySize(bytes)}`,
  );
}
