// `ignite save`: the archive to a file, which is there only when it is whole, or to stdout.
import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { IgniteError, isIgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';
import { usage } from '../usage-error.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, operands, out, signal } = context;
  const file = flags.string('output');
  if ((file === undefined || file === '-') && out.terminal)
    throw usage('An archive is nothing for a terminal: give -o FILE, or send stdout somewhere');
  const client = await context.client();
  const bytes = client.saveImages({ references: [...operands] }, { signal });
  if (file === undefined || file === '-') {
    for await (const piece of bytes) {
      await out.bytes(piece);
      if (out.broken) return 1;
    }
    return 0;
  }
  await writeFile(resolve(host.cwd, file), file, bytes);
  return 0;
}

async function writeFile(path: string, shown: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    if (await isSpecial(path)) return await writeTo(path, 'w', bytes);
    const temporary = `${path}.${randomUUID()}`;
    try {
      await writeTo(temporary, 'wx', bytes);
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
  } catch (cause) {
    if (isIgniteError(cause)) throw cause;
    throw new IgniteError('cli/file-unwritable', `The archive cannot be written to ${shown}`, { cause });
  }
}

/** A pipe or device is written to, not replaced. */
async function isSpecial(path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  return facts !== undefined && !facts.isFile();
}

async function writeTo(path: string, how: 'w' | 'wx', bytes: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, how, 0o600);
  for await (const piece of bytes) await file.writeFile(piece);
}
