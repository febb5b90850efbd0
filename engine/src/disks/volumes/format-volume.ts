// A new volume's file: an empty ext4, written under a temporary name, flushed and renamed.
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileSink, formatEmptyExt4 } from '@ignite/ext4';
import { syncDirectory } from '../../host/index.ts';
import { diskFailure } from '../disk-errors.ts';

/** ext4's volume name has 16 bytes (Documentation/filesystems/ext4, "Super Block", s_volume_name). */
const LABEL_BYTES = 16;

interface VolumeFile {
  readonly path: string;
  readonly name: string;
  /** With or without hyphens. */
  readonly uuid: string;
  readonly bytes: number;
  readonly epochSeconds: number;
}

/** Writes the file; little is written whatever the size. @throws IgniteError `host/disk-full`, `disks/failed`, `host/cancelled` */
export async function formatVolume(volume: VolumeFile, signal: AbortSignal): Promise<void> {
  const temporary = `${volume.path}.tmp`;
  try {
    signal.throwIfAborted();
    await rm(temporary, { force: true });
    await writeFileSystem(temporary, volume);
    await rename(temporary, volume.path);
    await syncDirectory(dirname(volume.path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw diskFailure(error, volume.path, signal);
  }
}

async function writeFileSystem(path: string, volume: VolumeFile): Promise<void> {
  await using file = await open(path, 'wx+', 0o600);
  const { bytes } = await formatEmptyExt4(
    {
      sink: fileSink(file),
      label: volume.name.slice(0, LABEL_BYTES), // names are ASCII
      uuid: Buffer.from(volume.uuid.replaceAll('-', ''), 'hex'),
      hashSeed: randomBytes(16),
      epochSeconds: volume.epochSeconds,
    },
    volume.bytes,
  );
  await file.truncate(bytes);
  await file.sync();
}
