// Facts about a path in the guest, from the OPENED frame of a stat stream.
import { isIgniteError } from '@ignite/api';
import { FILE_KIND } from '@ignite/protocol';
import type { OpenedStream } from './guest-stream.ts';
import type { GuestSession } from './port.ts';

type FileFacts = Awaited<ReturnType<GuestSession['stat']>>;

const kinds = new Map<number, NonNullable<FileFacts>['kind']>([
  [FILE_KIND.FILE, 'file'],
  [FILE_KIND.DIRECTORY, 'directory'],
  [FILE_KIND.SYMLINK, 'symlink'],
]);

/** Opens, reads the facts, waits for the stream's end. Undefined where the guest has no such file. */
export async function fileFactsOf(open: () => Promise<OpenedStream>): Promise<FileFacts> {
  try {
    const { facts, stream } = await open();
    stream.stdout.resume();
    stream.stderr.resume();
    await stream.exit;
    if (facts.file === undefined) return undefined;
    return { kind: kinds.get(facts.file.kind) ?? 'other', mode: facts.file.mode, size: facts.file.size };
  } catch (error) {
    if (isIgniteError(error, 'guest/not-found')) return undefined;
    throw error;
  }
}
