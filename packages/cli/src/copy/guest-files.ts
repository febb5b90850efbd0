// The agent's get, put and stat, as `cp` uses them.
import { posix } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import type { Client, IgniteStream } from '@ignite/client';
import { FILE_KIND, OPEN_KIND } from '@ignite/protocol';
import type { TargetKind } from './places.ts';

/** A VM and how long to wait for it. */
export interface Guest {
  readonly client: Client;
  readonly vm: string;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** What is at a path, a named symlink followed. */
export async function guestKind(guest: Guest, path: string): Promise<TargetKind> {
  try {
    const stream = await open(guest, { kind: OPEN_KIND.STAT, path, follow: true });
    stream.exit.catch(() => {});
    stream.leave();
    return stream.opened.file?.kind === FILE_KIND.DIRECTORY ? 'folder' : 'file';
  } catch (error) {
    if (error instanceof IgniteError && error.code === 'guest/not-found') return 'nothing';
    throw error;
  }
}

/** The nearest folder at or above `path` that exists, and the rest of the path below it. */
export async function nearestFolder(guest: Guest, path: string): Promise<{ folder: string; rest: string }> {
  let folder = posix.normalize(path);
  const rest: string[] = [];
  for (;;) {
    const kind = await guestKind(guest, folder);
    if (kind === 'folder') return { folder, rest: rest.join('/') };
    if (kind === 'file') throw new IgniteError('cli/copy-failed', `${folder} in the VM is no folder`);
    if (folder === '/') return { folder, rest: rest.join('/') };
    rest.unshift(posix.basename(folder));
    folder = posix.dirname(folder);
  }
}

/** A tar stream out of the guest, consumed by `take`. */
export async function getTar(
  guest: Guest,
  path: string,
  take: (tar: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const stream = await open(guest, { kind: OPEN_KIND.GET, path, follow: true });
  try {
    const said = readAll(stream.stderr);
    await take(stream.stdout);
    await finish(stream, said, path);
  } finally {
    stream.close();
  }
}

/** A tar stream into a folder of the guest. */
export async function putTar(
  guest: Guest,
  path: string,
  keepOwner: boolean,
  tar: AsyncIterable<Uint8Array>,
): Promise<void> {
  const stream = await open(guest, { kind: OPEN_KIND.PUT, path, keepOwner });
  try {
    const said = readAll(stream.stderr);
    stream.stdout.resume();
    for await (const piece of tar) await write(stream, piece);
    stream.stdin.end();
    await finish(stream, said, path);
  } finally {
    stream.close();
  }
}

/** Settles when there is room for more; rejects when the guest gave up. */
async function write(stream: IgniteStream, piece: Uint8Array): Promise<void> {
  const room = new Promise<void>((resolve) => stream.stdin.write(piece, () => resolve()));
  const failed = stream.exit.then(({ code }) => {
    if (code !== 0) return room; // what the guest wrote on stderr is reported at the end
    throw new IgniteError('cli/copy-failed', 'The VM stopped reading before the end');
  });
  await Promise.race([room, failed]);
}

function open(guest: Guest, request: Parameters<Client['stream']>[1]): Promise<IgniteStream> {
  const { client, signal, timeoutSeconds, vm } = guest;
  return client.stream(vm, request, { signal, timeoutSeconds });
}

async function finish(stream: IgniteStream, said: Promise<string>, path: string): Promise<void> {
  const status = await stream.exit;
  const text = (await said).trim();
  if (status.code === 0) return;
  const cause = text === '' ? undefined : new Error(text);
  throw new IgniteError('cli/copy-failed', `Not all of ${path} could be copied`, { cause });
}

const MAX_SAID = 64 << 10;

async function readAll(from: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of from) {
      if (length < MAX_SAID) pieces.push(piece);
      length += piece.length;
    }
  } catch {
    // the stream's end says why
  }
  return Buffer.concat(pieces).toString('utf8');
}
