// Volumes under the names of Docker's `volume ls --format`.
import { displayAge } from '@ignite/api/ages';
import { displaySize, parseSize } from '@ignite/api/sizes';
import type { VolumeDocument } from '@ignite/client';
import type { GoValue } from '../template/index.ts';

/** Columns of `volume ls`. */
export const VOLUME_COLUMNS = ['NAME', 'SIZE', 'ALLOCATED', 'CREATED', 'USED BY'] as const;

/** One row of `volume ls`. */
export function volumeRow({ metadata, spec, status }: VolumeDocument, now: Date): readonly string[] {
  return [
    metadata.name,
    shown(spec.size),
    shown(status.allocated),
    displayAge(metadata.created, now),
    users(status),
  ];
}

/** Fields of a volume. */
export function dockerVolume(volume: VolumeDocument, now: Date): Readonly<Record<string, GoValue>> {
  const { metadata, spec, status } = volume;
  const labels = Object.entries(metadata.labels ?? {}).map(([name, value]) => `${name}=${value}`);
  const age = displayAge(metadata.created, now);
  return {
    ID: metadata.uid,
    Name: metadata.name,
    Driver: 'local',
    Scope: 'local',
    Mountpoint: status.path,
    Labels: labels.join(','),
    Links: String(status.usedBy.length),
    Size: shown(spec.size),
    Allocated: shown(status.allocated),
    CreatedAt: metadata.created,
    CreatedSince: age.startsWith('<') ? age : `${age} ago`,
    UsedBy: users(status),
  };
}

/** A VM that has it open now is marked. */
function users({ usedBy }: VolumeDocument['status']): string {
  return usedBy
    .map(({ name, readOnly, running }) => {
      const words = [...(running ? ['running'] : []), ...(readOnly ? ['ro'] : [])];
      return words.length === 0 ? name : `${name} (${words.join(', ')})`;
    })
    .join(', ');
}

function shown(size: string): string {
  return displaySize(parseSize(size));
}
