// The kind Volume: storage with a name that outlives VMs. As served, and as stored in `volumes/<uid>/record.json`.
import { z } from 'zod';
import { API_VERSION } from '../limits.ts';
import { decodeStored } from './decode-stored.ts';
import { metadata, size } from './fields.ts';
import type { RecordCodec } from './vm-record.ts';

/** Raised when a field changes its meaning; added fields are ignored by versions that do not know them. */
export const VOLUME_RECORD_FORMAT = 1;

const spec = z.strictObject({ size });

export const volumeSchema = z
  .strictObject({
    kind: z.literal('Volume'),
    apiVersion: z.literal(API_VERSION),
    metadata,
    spec,
    status: z.strictObject({
      path: z.string().meta({ description: 'The file that holds it: raw, ext4' }),
      allocated: size.meta({ description: 'Room it takes on the host' }),
      usedBy: z
        .array(
          z.strictObject({
            uid: z.string(),
            name: z.string(),
            mountPath: z.string().exactOptional(),
            readOnly: z.boolean(),
            running: z.boolean().meta({ description: 'The VM has it open now' }),
          }),
        )
        .meta({ description: 'VMs that name it' }),
    }),
  })
  .meta({ id: 'Volume', description: 'Storage with a name, which outlives VMs' });

const volumeRecordSchema = z.strictObject({
  format: z.literal(VOLUME_RECORD_FORMAT),
  kind: z.literal('Volume'),
  metadata,
  spec,
  bound: z.strictObject({
    uuid: z.string().meta({ description: 'UUID of the file system' }),
  }),
});

/** Inside: sizes are numbers of bytes. */
export type Volume = z.output<typeof volumeSchema>;
/** Outside: sizes are strings. */
export type VolumeDocument = z.input<typeof volumeSchema>;
export type VolumeRecord = z.output<typeof volumeRecordSchema>;

/** The codec of volume records. */
export const volumeRecordCodec: RecordCodec<VolumeRecord> = {
  decode: (document) => decodeStored(volumeRecordSchema, document),
  encode: (record) => z.encode(volumeRecordSchema, record),
};
