// `ignite load`: an archive from a file or stdin, or an OCI layout folder, which is sent as a tar.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { CommandContext } from '../context.ts';
import { unreadable } from '../request/files.ts';
import { usage } from '../usage-error.ts';
import { created } from './created.ts';
import { longOperation } from './long-operation.ts';

const CHUNK = 1 << 20;

export async function run(context: CommandContext): Promise<number> {
  const { flags, operands, out } = context;
  const [input, operand] = [flags.string('input'), operands[0]];
  if (input !== undefined && operand !== undefined)
    throw usage('The archive is named by -i or as an operand, not by both');
  const archive = await openArchive(context, input ?? operand ?? '-');
  const reference = flags.string('reference');
  const images = await longOperation(context, (client, call) =>
    client.loadImage(archive, reference === undefined ? {} : { reference }, call),
  );
  for (const image of images) created(out, 'image', image.metadata);
  return 0;
}

async function openArchive({ host, signal }: CommandContext, word: string): Promise<Readable> {
  if (word === '-') {
    if (host.stdin.isTTY === true) throw usage('An archive is needed: name it, or send it to stdin');
    return host.stdin;
  }
  const path = resolve(host.cwd, word);
  try {
    if ((await stat(path)).isDirectory()) return await packLayout(path, signal);
  } catch (cause) {
    throw unreadable(word, cause);
  }
  return createReadStream(path, { highWaterMark: CHUNK });
}

async function packLayout(path: string, signal: AbortSignal): Promise<Readable> {
  const { packDirectory } = await import('@ignite/archive');
  return Readable.from(packDirectory(path, { signal, name: '' }));
}
