// The archive that a builder wrote, ready to be sent.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { BuiltImage } from './port.ts';

const CHUNK = 1 << 20;

/** Opens a file that a builder wrote. */
export async function openBuilt(path: string): Promise<BuiltImage> {
  const { size } = await stat(path);
  return { stream: createReadStream(path, { highWaterMark: CHUNK }), bytes: size };
}
