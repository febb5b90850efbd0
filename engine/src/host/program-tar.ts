// The parts of container images that hold one program of ours: a tag that identifies the program, and tars in memory.
import { createHash } from 'node:crypto';
import { writeTar } from '@ignite/archive';

/** A file of a tar in memory. */
interface TarFile {
  readonly name: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

/** The beginning of the program's digest: a new program is a new image. */
export function programTag(program: Uint8Array): string {
  return createHash('sha256').update(program).digest('hex').slice(0, 12);
}

/** The files as one tar. */
export async function tarOf(files: readonly TarFile[]): Promise<Uint8Array> {
  const entries = files.map(
    ({ name, mode, content }) =>
      ({ type: 'file', name, mode, size: content.length, content: [content] }) as const,
  );
  const pieces: Uint8Array[] = [];
  for await (const piece of writeTar(entries)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}
