// What is to be built: the folder and the Dockerfile that the words name, or that came from stdin.
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { extractTar } from '@ignite/archive';
import type { CommandContext } from '../context.ts';
import { unreadable } from '../request/files.ts';
import { stdinOf } from '../request/stdin.ts';
import { usage } from '../usage-error.ts';
import type { BuildRequest } from './port.ts';

type Source = Pick<BuildRequest, 'context' | 'file'>;

/** An address that builders fetch themselves, by Docker's rule for what is no path. */
const ADDRESS = /^(https?:\/\/|git:\/\/|git@|ssh:\/\/|github\.com\/)/;
/** Contexts from stdin are kept in memory while they are unpacked. */
const MOST_STDIN = 1 << 30;
/** tar(5): the magic of POSIX and GNU headers. */
const isTar = (bytes: Buffer) => bytes.toString('latin1', 257, 262) === 'ustar';
/** RFC 1952. */
const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * Finds context and Dockerfile; what comes from stdin is put into `scratch`.
 * @throws IgniteError `cli/usage`, `cli/file-unreadable`
 */
export async function readContext(command: CommandContext, scratch: string): Promise<Source> {
  const { host, operands, flags } = command;
  const [word = ''] = operands;
  const file = flags.string('file');
  if (word === '-') return await stdinContext(command, scratch, file);
  if (ADDRESS.test(word) && file === '-') throw usage('With an address, -f names a file of what is there');
  if (ADDRESS.test(word)) return { context: word, ...(file === undefined ? {} : { file }) };
  const context = resolve(host.cwd, word);
  const facts = await stat(context).catch((cause: unknown) => {
    throw unreadable(word, cause);
  });
  if (!facts.isDirectory()) throw usage(`"${word}" is no folder: the Dockerfile is named with -f`);
  if (file === '-') return { context, file: await stdinFile(command, scratch) };
  return { context, file: await findFile(host.cwd, context, file) };
}

/** As named from here, else from the context; without a name what builders look for. */
async function findFile(cwd: string, context: string, name: string | undefined): Promise<string> {
  const places =
    name === undefined
      ? [join(context, 'Dockerfile'), join(context, 'Containerfile')]
      : [resolve(cwd, name), resolve(context, name)];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  if (name === undefined) throw usage(`There is no Dockerfile in ${context}: name it with -f`);
  throw unreadable(name, await readFile(resolve(cwd, name)).catch((cause: unknown) => cause));
}

async function stdinContext(
  command: CommandContext,
  scratch: string,
  file: string | undefined,
): Promise<Source> {
  if (file === '-') throw usage('Context and Dockerfile cannot both come from stdin');
  const sent = await readStdin(command);
  const bytes = isGzip(sent) ? gunzipSync(sent, { maxOutputLength: MOST_STDIN }) : sent;
  const context = join(scratch, 'context');
  await mkdir(context);
  if (isTar(bytes)) {
    await extractTar(Readable.from([bytes]), context, { signal: command.signal });
    return { context, file: await findFile(context, context, file) };
  }
  if (file !== undefined) throw usage('-f names a file of the context, but stdin holds no tar');
  await writeFile(join(context, 'Dockerfile'), bytes);
  return { context, file: join(context, 'Dockerfile') };
}

async function stdinFile(command: CommandContext, scratch: string): Promise<string> {
  const path = join(scratch, 'Dockerfile');
  await writeFile(path, await readStdin(command));
  return path;
}

async function readStdin(context: CommandContext): Promise<Buffer> {
  if (context.host.stdin.isTTY === true) throw usage('Send a Dockerfile, or a tar of the context, to stdin');
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stdinOf(context)) {
    const read = Buffer.from(piece as Buffer);
    bytes += read.length;
    if (bytes > MOST_STDIN) throw usage(`The context on stdin has more than ${MOST_STDIN} bytes: use a folder`);
    pieces.push(read);
  }
  return Buffer.concat(pieces);
}
