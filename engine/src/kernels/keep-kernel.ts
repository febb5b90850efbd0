// Has the worker read a kernel, and puts what it wrote into the store, whole or not at all.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import type { ParsedKernel, Workers } from '../worker/index.ts';
import type { KernelFile } from './kernel-file.ts';
import { KERNEL_FILES, type KernelNames, type KernelStore } from './store.ts';

interface KernelInput {
  /** A folder of the worker; the kernel is in `root` below it, or comes as files. */
  readonly folder: string;
  /** Packages, tars or kernels, open for reading. */
  readonly files: readonly FileHandle[];
  /** The kernel below `root`, where it is known; default: found in `boot/`. */
  readonly kernelFile?: string;
  /** The name it is stored under, and further ones it answers to. */
  readonly names: KernelNames;
  readonly architecture: string;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** What the worker writes, in the order of its descriptors. */
const WRITTEN = [KERNEL_FILES.vmlinux, KERNEL_FILES.modulesCpio, KERNEL_FILES.modulesDrive];
const CHUNK = 1 << 20;

/** @throws IgniteError of the room `kernels` */
export async function keepKernel(
  store: KernelStore,
  workers: Workers,
  input: KernelInput,
): Promise<KernelFile> {
  const temporary = await store.makeTemporary();
  await using _ = { [Symbol.asyncDispose]: () => rm(temporary, { recursive: true, force: true }) };
  const parsed = await parse(temporary, workers, input);
  const written = await finishFiles(temporary, parsed);
  const kernel: KernelFile = {
    format: 1,
    references: [],
    aliases: [],
    created: input.now.toISOString(),
    ...parsed,
    ...written,
  };
  return await store.keep(temporary, kernel, input.names);
}

async function parse(folder: string, workers: Workers, input: KernelInput): Promise<ParsedKernel> {
  await using outputs = new AsyncDisposableStack();
  const handles: FileHandle[] = [];
  for (const name of WRITTEN) handles.push(outputs.use(await open(join(folder, name), 'wx+', 0o600)));
  const answer = await workers.run({
    job: {
      kind: 'kernel',
      folder: input.folder,
      name: input.names.reference,
      architecture: input.architecture,
      files: input.files.length,
      ...(input.kernelFile === undefined ? {} : { kernelFile: input.kernelFile }),
    },
    descriptors: [...handles, ...input.files].map((handle) => handle.fd),
    signal: input.signal,
  });
  if (answer.type === 'kernel') return answer.kernel;
  throw new IgniteError('images/worker-died', 'The import worker answered with something else than a kernel');
}

/** Immutable from now on. Digests are taken here: what the worker says of itself names no kernel. */
async function finishFiles(
  folder: string,
  parsed: ParsedKernel,
): Promise<Pick<KernelFile, 'uid' | 'digest' | 'size'>> {
  const { vmlinux, modulesCpio, modulesDrive } = KERNEL_FILES;
  const digest = await seal(join(folder, vmlinux));
  await (parsed.modulesCpio ? seal : rm)(join(folder, modulesCpio));
  const drive = parsed.modulesDrive ? await seal(join(folder, modulesDrive)) : '';
  if (!parsed.modulesDrive) await rm(join(folder, modulesDrive));
  let size = 0;
  for (const name of WRITTEN) {
    const blocks = (await stat(join(folder, name)).catch(() => undefined))?.blocks ?? 0;
    size += blocks * 512;
  }
  // The same kernel with other modules is another kernel to a VM.
  const uid = createHash('sha256').update(`${digest}\n${drive}`).digest('hex').slice(0, 16);
  return { uid, digest: `sha256:${digest}`, size };
}

/** Makes a file readable to VMMs under other uids, and lasting; gives its sha256. */
async function seal(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: CHUNK })) hash.update(piece as Buffer);
  await using file = await open(path, 'r');
  await file.chmod(0o444);
  await file.sync();
  return hash.digest('hex');
}
