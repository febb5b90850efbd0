// What doctor looks at, behind functions that tests replace.
import { execFile } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statfsSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { arch, release } from 'node:os';
import { delimiter, join } from 'node:path';

/** The host as doctor sees it. Nothing here needs root or changes anything. */
export interface DoctorHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  readonly nodeVersion: string;
  /** `x64`, `arm64` */
  readonly arch: string;
  /** `6.1.0-56-amd64` */
  readonly kernelRelease: string;
  /** The path of a program, undefined where there is none. */
  findProgram(name: string): string | undefined;
  /** Standard output of a program; undefined where it failed or was too slow. */
  output(argv: readonly [string, ...string[]]): Promise<string | undefined>;
  exists(path: string): boolean;
  readText(path: string): string | undefined;
  list(path: string): readonly string[];
  /** Opens for reading and writing and closes again: undefined, or the error's name such as EACCES. */
  openError(path: string): string | undefined;
  /** Bytes free for us in the file system of the nearest folder that exists. */
  freeBytes(path: string): number | undefined;
  /** Whether a TCP port of all addresses can be listened on: undefined, or the error's name. */
  portError(port: number): Promise<string | undefined>;
  /** Folders where our own programs may be: the launcher's, then those above this file. */
  readonly ownFolders: readonly string[];
}

const SEARCH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Ample for a host whose disk or processors are busy: a program that says its version takes milliseconds. */
const PROGRAM_MS = 15_000;

/** The host we run on. */
export function realHost(env: DoctorHost['env'], uid: number): DoctorHost {
  return {
    env,
    uid,
    nodeVersion: process.versions.node,
    arch: arch(),
    kernelRelease: release(),
    findProgram: (name) => findProgram(name, env['PATH']),
    output,
    exists: existsSync,
    readText: (path) => attempt(() => readFileSync(path, 'utf8')),
    list: (path) => attempt(() => readdirSync(path)) ?? [],
    openError,
    freeBytes,
    portError,
    ownFolders: ownFolders(env['IGNITE_BIN_DIR']),
  };
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** The daemon's fixed PATH first: what only the caller's shell finds, the daemon would not. */
function findProgram(name: string, path: string | undefined): string | undefined {
  const folders = [...SEARCH.split(':'), ...(path ?? '').split(delimiter)].filter((folder) =>
    folder.startsWith('/'),
  );
  return folders
    .map((folder) => join(folder, name))
    .find((file) => attempt(() => accessSync(file, constants.X_OK) ?? true) === true);
}

function output(argv: readonly [string, ...string[]]): Promise<string | undefined> {
  const [program, ...args] = argv;
  return new Promise((resolve) => {
    execFile(program, args, { timeout: PROGRAM_MS, env: { PATH: SEARCH, LC_ALL: 'C' } }, (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    );
  });
}

function openError(path: string): string | undefined {
  try {
    closeSync(openSync(path, constants.O_RDWR));
    return undefined;
  } catch (error) {
    return errorName(error);
  }
}

function freeBytes(path: string): number | undefined {
  for (let folder = path; ; folder = join(folder, '..')) {
    const facts = attempt(() => statfsSync(folder));
    if (facts !== undefined) return facts.bavail * facts.bsize;
    if (folder === '/' || folder === '.') return undefined;
  }
}

function portError(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(errorName(error)));
    server.listen(port, () => server.close(() => resolve(undefined)));
  });
}

function errorName(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
}

function ownFolders(bin: string | undefined): readonly string[] {
  const above: string[] = [];
  for (let folder = import.meta.dirname; folder !== '/'; folder = join(folder, '..')) above.push(folder);
  return bin === undefined ? above : [join(bin, '..'), ...above];
}
