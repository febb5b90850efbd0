// From source and configuration to a folder with `boot/` and `lib/modules/`. What was compiled before is not compiled again.
import { availableParallelism } from 'node:os';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST_PATH } from '../../engine/src/host/host-path.ts';
import type { AptContext } from '../../engine/src/kernels/index.ts';
import { CONFIG_FILE } from './cache.ts';
import { unmet } from './config-check.ts';

/** On one slow core. */
const COMPILE_MS = 4 * 60 * 60_000;

export interface Compilation {
  /** Unpacked source. */
  readonly source: string;
  /** Folder for what is compiled. */
  readonly objects: string;
  /** Folder to fill. */
  readonly root: string;
  /** Seconds since 1970 that the kernel names as its build's time. */
  readonly epoch: number;
  /** At once; default: one for each processor. */
  readonly jobs?: number;
}

type Make = (...words: readonly string[]) => Promise<string>;

/**
 * Configures, checks, compiles and installs.
 * @returns the kernel's release
 * @throws Error naming the lines of the configuration that did not take effect
 */
export async function compileKernel(work: Compilation, context: AptContext): Promise<string> {
  const make = makeIn(work, context);
  await mkdir(work.objects, { recursive: true });
  context.report({ kind: 'stage', name: 'configure' });
  await make('alldefconfig');
  const config = join(work.objects, '.config');
  const lost = unmet(await readFile(CONFIG_FILE, 'utf8'), await readFile(config, 'utf8'));
  if (lost.length > 0) throw new Error(`The configuration did not take effect:\n${lost.join('\n')}`);
  context.report({ kind: 'stage', name: 'compile' });
  await make(`-j${work.jobs ?? availableParallelism()}`, 'vmlinux', 'modules');
  const release = (await make('kernelrelease')).trim();
  context.report({ kind: 'stage', name: `install ${release}` });
  await install(work, context, make, release);
  await copyFile(config, join(work.root, `boot/config-${release}`));
  return release;
}

async function install(
  { objects, root }: Compilation,
  { commands, signal }: AptContext,
  make: Make,
  release: string,
): Promise<void> {
  await mkdir(join(root, 'boot'), { recursive: true });
  const vmlinux = join(root, `boot/vmlinux-${release}`);
  await commands.run(['strip', '--strip-all', '-o', vmlinux, join(objects, 'vmlinux')], { signal });
  // depmod's indexes are made with the image
  await make('modules_install', `INSTALL_MOD_PATH=${root}`, 'INSTALL_MOD_STRIP=1', 'DEPMOD=true');
  for (const link of ['build', 'source']) await rm(join(root, 'lib/modules', release, link), { force: true });
}

/** The same source, configuration and compiler give the same kernel: time, user and host of the build are ours. */
function makeIn({ source, objects, epoch }: Compilation, { commands, signal }: AptContext): Make {
  const env = {
    PATH: HOST_PATH,
    LC_ALL: 'C',
    KCONFIG_ALLCONFIG: CONFIG_FILE,
    KBUILD_BUILD_TIMESTAMP: new Date(epoch * 1000).toUTCString(),
    KBUILD_BUILD_USER: 'ignite',
    KBUILD_BUILD_HOST: 'ignite',
    KBUILD_BUILD_VERSION: '1',
  };
  return async (...words) => {
    const argv = ['nice', '-n', '10', 'make', '-s', `O=${objects}`, ...words] as const;
    const options = { cwd: source, env, signal, timeoutMs: COMPILE_MS, withChildren: true };
    return (await commands.run(argv, { ...options, onStderr: (text) => process.stderr.write(text) })).stdout;
  };
}
