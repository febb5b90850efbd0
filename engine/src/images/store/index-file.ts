// index.json of the OCI layout (image-spec image-layout.md): the one list of references. Every tool that reads layouts
// finds our images by `org.opencontainers.image.ref.name`; what only we need is in further annotations.
import { IgniteError } from '@ignite/api';
import { z } from 'zod';
import { hasErrno, writeFileAtomic, createQueue } from '../../host/index.ts';
import { readFile } from 'node:fs/promises';
import { isDigest } from '../digest.ts';
import { OCI_INDEX } from '../media-types.ts';

/** One reference to a manifest, or a manifest that lost its reference to a newer one (`reference` absent). */
export interface IndexEntry {
  /** Full form, `docker.io/library/nginx:1.27`. */
  readonly reference?: string;
  readonly uid: string;
  /** RFC 3339. */
  readonly created: string;
  readonly manifestDigest: string;
  readonly manifestType: string;
  readonly manifestSize: number;
}

export interface IndexFile {
  read(): Promise<readonly IndexEntry[]>;
  /** Replaces the list; calls wait for each other. Nothing is written where `change` returns the list it got. */
  change(change: (entries: readonly IndexEntry[]) => readonly IndexEntry[]): Promise<void>;
}

const REF_NAME = 'org.opencontainers.image.ref.name';
const UID = 'vm.ignite.uid';
const CREATED = 'vm.ignite.created';

const fileSchema = z.object({
  manifests: z.array(
    z.object({
      mediaType: z.string(),
      digest: z.string().refine(isDigest),
      size: z.int().nonnegative(),
      annotations: z.object({ [REF_NAME]: z.string().optional(), [UID]: z.string(), [CREATED]: z.string() }),
    }),
  ),
});

/** The index file at `path`. @throws IgniteError `images/store-broken` when it is read and is no index of ours */
export function openIndexFile(path: string): IndexFile {
  const serial = createQueue();
  const read = () => readEntries(path);
  return {
    read,
    change: (change) =>
      serial(async () => {
        const before = await read();
        const after = change(before);
        if (after !== before) await writeFileAtomic(path, format(after), 0o644);
      }),
  };
}

async function readEntries(path: string): Promise<readonly IndexEntry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
  try {
    return fileSchema.parse(JSON.parse(text)).manifests.map(toEntry);
  } catch (cause) {
    throw new IgniteError('images/store-broken', `The image list ${path} cannot be read`, { cause });
  }
}

function toEntry(item: z.infer<typeof fileSchema>['manifests'][number]): IndexEntry {
  const reference = item.annotations[REF_NAME];
  return {
    uid: item.annotations[UID],
    created: item.annotations[CREATED],
    manifestDigest: item.digest,
    manifestType: item.mediaType,
    manifestSize: item.size,
    ...(reference === undefined ? {} : { reference }),
  };
}

function format(entries: readonly IndexEntry[]): string {
  const manifests = entries.map((entry) => ({
    mediaType: entry.manifestType,
    digest: entry.manifestDigest,
    size: entry.manifestSize,
    annotations: {
      ...(entry.reference === undefined ? {} : { [REF_NAME]: entry.reference }),
      [UID]: entry.uid,
      [CREATED]: entry.created,
    },
  }));
  return `${JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, null, 2)}\n`;
}
