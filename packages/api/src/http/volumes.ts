// Bodies of the operations on volumes.
import { z } from 'zod';
import { size, stringMap } from '../kinds/fields.ts';
import { volumeSchema } from '../kinds/volume.ts';

export const volumeList = z.strictObject({ items: z.array(volumeSchema) }).meta({ id: 'VolumeList' });

export const createVolumeBody = z
  .strictObject({
    name: z.string().exactOptional().meta({ description: 'Absent: a random one' }),
    size: size.exactOptional(),
    labels: stringMap.exactOptional(),
  })
  .meta({ id: 'CreateVolume' });

export const resizeVolumeBody = z.strictObject({ size }).meta({ id: 'ResizeVolume' });

export const pruneVolumesBody = z
  .strictObject({
    labels: stringMap
      .exactOptional()
      .meta({ description: 'Only volumes with these; an empty value fits any' }),
  })
  .meta({ id: 'PruneVolumes' });

export const prunedVolumes = z
  .strictObject({
    volumes: z.array(z.strictObject({ uid: z.string(), name: z.string() })),
    freed: z.number().nonnegative().meta({ description: 'Bytes on disk' }),
  })
  .meta({ id: 'PrunedVolumes' });
