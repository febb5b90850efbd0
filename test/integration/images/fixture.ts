// What the tests of the images room share: a store in a temporary folder, requests, and facts about a disk.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Progress } from '@ignite/api';
import { hostArchitecture, hostClock, hostCommands } from '../../../engine/src/host/index.ts';
import {
  createImages,
  type ImageRequest,
  type Images,
  type ImagesOptions,
} from '../../../engine/src/images/index.ts';

const execute = promisify(execFile);

export interface Store extends AsyncDisposable {
  readonly state: string;
  readonly images: Images;
  /** Paths below the state directory, sorted, directories not counted. */
  files(): Promise<readonly string[]>;
}

/** nobody, who is there on every Debian. */
export const WORKER = { uid: 65534, gid: 65534 };

/** A store in a new folder. */
export async function openStore(options: Partial<ImagesOptions> = {}): Promise<Store> {
  const state = await mkdtemp(join(tmpdir(), 'images-'));
  const images = await reopen(state, options);
  return {
    state,
    images,
    files: () => filesBelow(state),
    [Symbol.asyncDispose]: () => rm(state, { recursive: true, force: true }),
  };
}

/** The room over a state directory that is there. */
export function reopen(state: string, options: Partial<ImagesOptions> = {}): Promise<Images> {
  return createImages({
    stateDirectory: state,
    clock: hostClock(),
    commands: hostCommands(),
    architecture: hostArchitecture(),
    workerUser: WORKER,
    ...options,
    registry: { backoffMs: 1, certificateFolders: [], ...options.registry },
  });
}

/** A request with a deadline. */
export function request(more: Partial<ImageRequest> = {}): ImageRequest & { readonly progress: Progress[] } {
  const progress: Progress[] = [];
  return {
    pull: 'missing',
    report: (event) => progress.push(event),
    signal: AbortSignal.timeout(600_000),
    progress,
    ...more,
  };
}

/** Fails unless e2fsck finds nothing to say beyond its passes. */
export async function assertClean(disk: string): Promise<void> {
  const { stdout } = await execute('e2fsck', ['-fn', disk]);
  const odd = stdout.split('\n').filter((line) => line !== '' && !/^Pass \d|: \d+\/\d+ files/.test(line));
  if (odd.length > 0) throw new Error(`e2fsck: ${odd.join('\n')}`);
}

/** What debugfs answers. */
export async function debugfs(disk: string, command: string): Promise<string> {
  return (await execute('debugfs', ['-R', command, disk])).stdout;
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
