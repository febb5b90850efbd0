// An engine for arm64 on a host of another processor, and an image with busybox and the unit tests of our native programs.
import { createReadStream } from 'node:fs';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { normalizeName, readContent, type TarInput } from '@ignite/archive';
import { createEngine, type Engine } from '@ignite/engine';
import { writeOciLayout } from '../../../engine/src/imagemake/index.ts';
import { readDeb } from '../../../engine/src/kernels/index.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** What scripts/arm64.sh makes. */
const MADE = join(ROOT, 'build/arm64');
const SPAWN = join(ROOT, 'build/native/ignite-spawn');
/** Programs that run in the guest, by their path there. */
const UNITS = {
  'units/spawn': 'test-spawn',
  'units/init': 'init-units',
  'units/ignite-spawn': 'ignite-spawn',
};
const MAX_BYTES = 16 << 20;
const mtime = { seconds: 0, nanoseconds: 0 };

export const IMAGE = 'arm64:test';
export const signal = AbortSignal.timeout(1_200_000);
export const CALL = { report: () => {}, signal } as const;

/** Why the tests cannot run here; false where they can. */
export async function skipReason(): Promise<string | false> {
  const there = await Promise.all(
    ['ignite-init', 'test-spawn', 'kernel.deb', 'busybox.deb'].map((name) => exists(join(MADE, name))),
  );
  return there.every(Boolean) ? false : 'there is no build/arm64: make arm64';
}

export interface Arm64World extends AsyncDisposable {
  readonly engine: Engine;
}

/** Opens an engine of its own with the kernel and the image in its stores. */
export async function openWorld(): Promise<Arm64World> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-arm64-'));
  const ending = new AbortController();
  const engine = await createEngine({
    stateDirectory: join(folder, 'state'),
    runDirectory: join(folder, 'run'),
    programs: { spawn: SPAWN, init: join(MADE, 'ignite-init') },
    configuration: {},
    architecture: 'arm64',
    writer: 'test',
    environment: {},
    complain: (text, error) => process.stderr.write(`${text}: ${String(error)}\n`),
    signal: ending.signal,
  });
  await engine.kernels.load('kernel.deb', createReadStream(join(MADE, 'kernel.deb')), CALL);
  await loadImage(engine, join(folder, 'layout'));
  return {
    engine,
    [Symbol.asyncDispose]: async () => {
      for (const { metadata } of engine.vms.list()) await engine.vms.remove(metadata.name, true, CALL);
      ending.abort();
      await engine[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function loadImage(engine: Engine, layout: string): Promise<void> {
  await writeOciLayout(
    {
      folder: layout,
      reference: IMAGE,
      architecture: 'arm64',
      entries: await entries(),
      compression: 'gzip',
      config: { Cmd: ['/bin/sh', '-c', 'trap "exit 7" TERM; echo up > /tmp/up; while :; do sleep 1; done'] },
      created: 0,
      createdBy: 'test',
    },
    signal,
  );
  await engine.images.load({ kind: 'layout', path: layout }, CALL);
}

async function entries(): Promise<readonly TarInput[]> {
  const program = (name: string, content: Buffer): TarInput => ({
    ...{ type: 'file', name, mode: 0o755, mtime },
    size: content.length,
    content: [content],
  });
  const units = Object.entries(UNITS).map(async ([name, file]) =>
    program(name, await readFile(join(MADE, file))),
  );
  return [
    ...['bin', 'tmp', 'units'].map((name): TarInput => ({ type: 'directory', name, mode: 0o1777, mtime })),
    program('bin/busybox', await busybox()),
    ...['sh', 'sleep', 'uname', 'cat'].map(
      (name): TarInput => ({ type: 'symlink', name: `bin/${name}`, linkName: 'busybox', mode: 0o777, mtime }),
    ),
    ...(await Promise.all(units)),
  ];
}

async function busybox(): Promise<Buffer> {
  for await (const entry of readDeb(await readFile(join(MADE, 'busybox.deb'))))
    if (/^(usr\/)?bin\/busybox$/.test(normalizeName(entry.name)) && entry.type === 'file')
      return await readContent(entry, MAX_BYTES);
  throw new Error('The package busybox-static has no busybox');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
