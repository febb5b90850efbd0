// The distribution's kernel source: the package that `linux-source` leads to, through apt with its signature check.
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type AptContext, readDeb, withApt } from '../../engine/src/kernels/index.ts';

const METAPACKAGE = 'linux-source';
const UNPACK_MS = 10 * 60_000;

export interface KernelSource {
  /** `linux-source-6.1` */
  readonly package: string;
  readonly version: string;
  /** Unpacks the source into a folder that is not there yet, whole or not at all. */
  unpack(folder: string): Promise<void>;
}

/** Finds the source; downloads only what is unpacked. */
export function findSource(apt: AptContext): Promise<KernelSource> {
  return withApt(METAPACKAGE, apt, async ({ show }) => {
    const meta = await show(METAPACKAGE);
    const name = meta.depends.find((each) => /^linux-source-\d/.test(each)) ?? METAPACKAGE;
    const { version } = await show(name);
    return { package: name, version, unpack: (folder) => unpack(apt, name, folder) };
  });
}

async function unpack(apt: AptContext, name: string, folder: string): Promise<void> {
  const [deb = ''] = await withApt(name, apt, async ({ show, download }) => download([await show(name)]));
  const archive = join(apt.scratch, 'source.tar.xz');
  for await (const entry of readDeb(await readFile(deb))) {
    if (/\/linux-source-[\d.]+\.tar\.xz$/.test(entry.name))
      await pipeline(entry.content, createWriteStream(archive));
  }
  const temporary = `${folder}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  apt.report({ kind: 'stage', name: 'unpack the source' });
  const argv = ['tar', '-xJf', archive, '-C', temporary, '--strip-components=1'] as const;
  await apt.commands.run(argv, { signal: apt.signal, timeoutMs: UNPACK_MS });
  await rename(temporary, folder);
}
