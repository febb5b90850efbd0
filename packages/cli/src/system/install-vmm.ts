// Installs the programs of a release archive of Firecracker into a folder: unpacked under temporary names, run once for their
// version, and only then renamed over what is there.
import { randomBytes } from 'node:crypto';
import { access, constants, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { readContent, readTar } from '@ignite/archive';
import { IgniteError } from '@ignite/api/errors';
import { hostProgram } from './host-program.ts';

const PROGRAMS = ['firecracker', 'jailer'] as const;
/** With its debug symbols it would be larger; those are a file of their own. */
const MAX_PROGRAM_BYTES = 64 << 20;
const OLDEST = [1, 15] as const;

export interface InstalledVmm {
  readonly version: string;
  /** Absolute paths. */
  readonly programs: readonly string[];
}

/**
 * @param archive the whole `.tgz`
 * @param wanted a version that it must have
 * @throws IgniteError `cli/bad-vmm-archive` for anything but a release for this machine, `cli/file-unwritable`
 */
export async function installVmm(
  archive: Uint8Array,
  folder: string,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<InstalledVmm> {
  await requireWritable(folder);
  const found = await programsIn(archive, signal);
  const mark = randomBytes(4).toString('hex');
  const places = PROGRAMS.map((name) => ({
    name,
    path: join(folder, name),
    beside: join(folder, `.${name}.${mark}`),
  }));
  try {
    const versions: string[] = [];
    for (const { name, beside } of places) {
      await write(beside, found.get(name) ?? missing(name));
      versions.push(await versionOf(name, beside, signal));
    }
    const version = checked(versions, wanted);
    for (const { path, beside } of places) await rename(beside, path);
    return { version, programs: places.map(({ path }) => path) };
  } finally {
    await Promise.all(places.map(({ beside }) => rm(beside, { force: true })));
  }
}

async function programsIn(archive: Uint8Array, signal: AbortSignal): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  try {
    const unpacked = Readable.from([archive]).pipe(createGunzip());
    for await (const entry of readTar(unpacked, { maximumFileBytes: 1 << 30 })) {
      signal.throwIfAborted();
      const base = entry.name.slice(entry.name.lastIndexOf('/') + 1);
      const name = PROGRAMS.find((one) => base === one || new RegExp(`^${one}-v[\\d.]+-\\w+$`).test(base));
      if (name !== undefined && entry.type === 'file')
        found.set(name, await readContent(entry, MAX_PROGRAM_BYTES));
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw bad('it is no tar archive compressed by gzip', cause);
  }
  return found;
}

function missing(name: string): never {
  throw bad(`there is no ${name} in it`);
}

/** The program says it by itself, which also shows that it runs on this machine. */
async function versionOf(name: string, path: string, signal: AbortSignal): Promise<string> {
  try {
    const said = await hostProgram([path, '--version'], signal);
    const version = /v(\d+\.\d+\.\d+)/.exec(said)?.[1];
    if (version !== undefined) return version;
  } catch (cause) {
    signal.throwIfAborted();
    throw bad(`its ${name} does not run on this machine`, cause);
  }
  throw bad(`its ${name} does not say its version`);
}

function checked([version = '', jailer = '']: readonly string[], wanted: string | undefined): string {
  if (version !== jailer) throw bad(`its firecracker is ${version}, but its jailer ${jailer}`);
  if (wanted !== undefined && wanted !== version) throw bad(`it holds ${version}, not ${wanted}`);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    throw bad(`it holds ${version}; ${OLDEST.join('.')} or newer is needed`);
  return version;
}

async function requireWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new IgniteError('cli/file-unwritable', `Programs cannot be put into ${folder}`, { cause });
  }
}

async function write(path: string, content: Buffer): Promise<void> {
  try {
    await writeFile(path, content, { mode: 0o755, flag: 'wx', flush: true });
  } catch (cause) {
    throw new IgniteError('cli/file-unwritable', `${path} cannot be written`, { cause });
  }
}

function bad(what: string, cause?: unknown): IgniteError {
  return new IgniteError('cli/bad-vmm-archive', `The archive of Firecracker cannot be used: ${what}`, {
    cause,
  });
}
