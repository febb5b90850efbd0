// `ignite cp` through the agent: host to VM, VM to host, tar streams both ways.
import { lstat, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { posix } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import { byteString, byteStringText, extractTar, packDirectory } from '@ignite/archive';
import type { CommandContext } from '../context.ts';
import { unreadable } from '../request/files.ts';
import { usage } from '../usage-error.ts';
import { stdinOf } from '../request/stdin.ts';
import { getTar, type Guest, guestKind, nearestFolder, putTar } from './guest-files.ts';
import { baseOf, land, type Place, type TargetKind } from './places.ts';

/** What both directions share. */
export interface Copy {
  readonly context: CommandContext;
  readonly guest: Guest;
  /** `-a` */
  readonly keepOwner: boolean;
}

/** Host to VM. */
export async function copyIn(
  copy: Copy,
  source: Exclude<Place, { kind: 'vm' }>,
  target: string,
): Promise<void> {
  const { context, guest, keepOwner } = copy;
  if (source.kind === 'stream') return await putTar(guest, target, keepOwner, stdinOf(context));
  const path = resolve(context.host.cwd, source.path);
  const folder = await isFolder(path, source.path);
  const base = folder && /(^|\/)\.$/.test(source.path) ? '' : baseOf(path);
  const where = land({ base, folder }, target, await guestKind(guest, target));
  const wanted =
    where.folder === 'target' ? target : posix.dirname(posix.normalize(target).replace(/\/$/, ''));
  const near = await nearestFolder(guest, wanted);
  const name = [near.rest, where.name].filter((part) => part !== '').join('/');
  const owner = keepOwner ? 'keep' : { uid: 0, gid: 0 };
  const tar = packDirectory(path, {
    signal: context.signal,
    name: byteString(name),
    owner,
    onSkipped: (skipped) =>
      context.out.warn(`Left out, as it is no file, folder or link: ${byteStringText(skipped)}`),
  });
  await putTar(guest, near.folder, keepOwner, tar);
}

/** VM to host. */
export async function copyOut(
  copy: Copy,
  source: string,
  target: Exclude<Place, { kind: 'vm' }>,
): Promise<void> {
  const { context, guest, keepOwner } = copy;
  if (target.kind === 'stream') {
    if (context.out.terminal) throw usage('An archive is nothing for a terminal: send stdout somewhere');
    await getTar(guest, source, async (tar) => {
      for await (const piece of tar) {
        await context.out.bytes(piece);
        if (context.out.broken) throw new IgniteError('cli/copy', 'Nobody reads the archive any more');
      }
    });
    return;
  }
  const folder = (await guestKind(guest, source)) === 'folder';
  const base = baseOf(source);
  const path = resolve(context.host.cwd, target.path);
  const kept = target.path.endsWith('/') ? `${path}/` : path;
  const where = land({ base, folder }, kept, await hostKind(path));
  const into = where.folder === 'target' ? path : dirname(path);
  await getTar(guest, source, async (tar) => {
    await mkdir(into, { recursive: true });
    const result = await extractTar(tar, into, {
      signal: context.signal,
      owner: keepOwner ? 'archive' : 'caller',
      mapName: renamer(byteString(base), byteString(where.name)),
    });
    for (const skipped of result.skipped)
      context.out.warn(`Left out, as it is a device or fifo: ${byteStringText(skipped)}`);
  });
}

/** Names below `from` as names below `to`; an empty one is the top itself. */
export function renamer(from: string, to: string): (name: string) => string {
  return (name) => {
    const inside =
      from === ''
        ? name
        : name === from
          ? ''
          : name.startsWith(`${from}/`)
            ? name.slice(from.length + 1)
            : name;
    return [to, inside].filter((part) => part !== '').join('/');
  };
}

async function isFolder(path: string, shown: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw unreadable(shown, cause);
  }
}

async function hostKind(path: string): Promise<TargetKind> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    // A link that leads nowhere is replaced like a file.
    return await lstat(path).then(
      () => 'file' as const,
      () => 'nothing' as const,
    );
  }
}
