// One VM's initrd: modules of the kernel, ignite-init, and the configuration, three cpio archives one after the other.
import { readFile } from 'node:fs/promises';
import { IgniteError } from '@ignite/api';
import { NAME } from '@ignite/protocol';
import { encodeConfig } from './config-records.ts';
import { encodeCpio } from './cpio.ts';
import type { GuestConfig } from './port.ts';

const FOLDER = 0o040_755;
const PROGRAM = 0o100_755;
const SECRET = 0o100_600;

/** The archive with /init. */
export async function initPart(initPath: string): Promise<Buffer> {
  return encodeCpio([
    { name: 'ignite', mode: FOLDER },
    { name: 'dev', mode: FOLDER },
    { name: 'init', mode: PROGRAM, content: await readInit(initPath) },
  ]);
}

/** The archive with /ignite/config, readable by root alone. */
export function configPart(config: GuestConfig): Buffer {
  const name = NAME.CONFIG_FILE.slice(1);
  return encodeCpio([
    { name: 'ignite', mode: FOLDER },
    { name, mode: SECRET, content: encodeConfig(config) },
  ]);
}

/** Archives one after the other; each begins at a multiple of 4, which the kernel asks for. */
export function joinParts(parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts.flatMap((part) => [part, new Uint8Array((4 - (part.length % 4)) % 4)]));
}

async function readInit(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new IgniteError('guest/init-missing', `The program ${path} cannot be read`, { cause });
  }
}
