// Gets kernel packages from the distribution's archive with apt, which checks the archive's signature. Nothing is
// installed and none of apt's own state is changed: where the host's package lists are missing or old, fresh ones
// are fetched into a scratch folder with the host's sources and keys.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError, isIgniteError, type Report } from '@ignite/api';
import type { Commands, RunOptions } from '../../host/index.ts';
import {
  type AptPackage,
  isKernelPackage,
  isModulesPackage,
  isPackageName,
  parseAptShow,
} from './apt-record.ts';

export interface AptContext {
  readonly commands: Commands;
  /** Scratch folder; the caller removes it. */
  readonly scratch: string;
  /** Proxy variables for apt, where the daemon has them; apt's own configuration is used anyway. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

export interface AptDownload {
  /** The package with the kernel: `linux-image-6.1.0-56-cloud-amd64`. */
  readonly kernelPackage: string;
  readonly version: string;
  /** Absolute paths of the `.deb` files. */
  readonly files: readonly string[];
}

const DEADLINE_MS = 10 * 60_000;
/** Metapackages point to metapackages at most this deep. */
const MAX_DEPTH = 4;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Downloads the kernel that a package is or depends on, and on Ubuntu its modules package.
 * @throws IgniteError `kernels/no-apt`, `kernels/apt-failed`, `kernels/not-found`, `host/cancelled`
 */
export async function downloadKernelPackage(name: string, context: AptContext): Promise<AptDownload> {
  if (!isPackageName(name))
    throw new IgniteError('kernels/not-found', `${JSON.stringify(name)} is no package name`);
  try {
    return await download(name, context, []);
  } catch (error) {
    if (isIgniteError(error, 'host/program-missing')) {
      throw new IgniteError('kernels/no-apt', 'This host has no apt-get to get a kernel with', {
        cause: error,
      });
    }
    if (isIgniteError(error, 'host/cancelled')) throw error;
    context.report({
      kind: 'note',
      text: 'Fetching package lists with apt-get update into a scratch folder',
    });
  }
  const options = await privateState(context);
  return await explained(name, async () => {
    await run(context, ['apt-get', ...options, 'update', '-q']);
    return await download(name, context, options);
  });
}

async function download(name: string, context: AptContext, options: readonly string[]): Promise<AptDownload> {
  const kernel = await resolveKernel(name, context, options, 0);
  const wanted = [kernel];
  for (const dependency of kernel.depends.filter(isModulesPackage)) {
    wanted.push(await show(dependency, context, options));
  }
  const folder = join(context.scratch, 'debs');
  await mkdir(folder, { recursive: true });
  const total = wanted.reduce((sum, each) => sum + each.size, 0);
  const progress = downloadProgress(kernel.name, total, context.report);
  const words = wanted.map((each) => `${each.name}=${each.version}`);
  await run(context, ['apt-get', ...options, '-q', '-o', 'APT::Status-Fd=2', 'download', ...words], {
    cwd: folder,
    onStderr: progress,
  });
  const files = (await readdir(folder))
    .filter((file) => file.endsWith('.deb'))
    .map((file) => join(folder, file));
  return { kernelPackage: kernel.name, version: kernel.version, files };
}

/** Follows metapackages to the one that has a kernel. */
async function resolveKernel(
  name: string,
  context: AptContext,
  options: readonly string[],
  depth: number,
): Promise<AptPackage> {
  const found = await show(name, context, options);
  if (isKernelPackage(found.name)) return found;
  const next =
    found.depends.find(isKernelPackage) ?? found.depends.find((each) => each.startsWith('linux-image-'));
  if (next === undefined || depth >= MAX_DEPTH) {
    throw new IgniteError('kernels/not-found', `The package ${name} has no kernel and depends on none`, {
      details: { package: name },
    });
  }
  return await resolveKernel(next, context, options, depth + 1);
}

async function show(name: string, context: AptContext, options: readonly string[]): Promise<AptPackage> {
  const words = ['apt-cache', ...options, 'show', '--no-all-versions', name] as const;
  const { stdout } = await run(context, [...words]);
  const found = parseAptShow(stdout);
  if (found === undefined) {
    throw new IgniteError('kernels/not-found', `apt knows no package ${name}`, {
      details: { package: name },
    });
  }
  return found;
}

/** Options that keep lists and caches in the scratch folder, while sources and keys are the host's. */
async function privateState(context: AptContext): Promise<readonly string[]> {
  const state = join(context.scratch, 'apt-state');
  const cache = join(context.scratch, 'apt-cache');
  await mkdir(join(state, 'lists/partial'), { recursive: true });
  await mkdir(join(cache, 'archives/partial'), { recursive: true });
  const settings = [
    `Dir::State=${state}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${cache}`,
    'Acquire::Languages=none',
    'Acquire::IndexTargets::deb-src::Sources::DefaultEnabled=false',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false',
  ];
  return settings.flatMap((setting) => ['-o', setting]);
}

function run(context: AptContext, argv: readonly string[], options: RunOptions = {}) {
  const [program = 'apt-get', ...words] = argv;
  return context.commands.run([program, ...words], {
    signal: context.signal,
    timeoutMs: DEADLINE_MS,
    env: { PATH, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive', ...context.environment },
    ...options,
  });
}

/** apt's status lines: `dlstatus:INDEX:PERCENT:TEXT` (README.progress-reporting of apt). */
export function downloadProgress(label: string, total: number, report: Report): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const percent = Number(/^dlstatus:\d+:([\d.]+):/.exec(line)?.[1] ?? Number.NaN);
      if (Number.isNaN(percent)) continue;
      const done = Math.min(total, Math.round((total * percent) / 100));
      report({ kind: 'bytes', id: `apt:${label}`, label, done, total });
    }
  };
}

async function explained<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isIgniteError(cause, 'host/cancelled') || isIgniteError(cause, 'kernels/not-found')) throw cause;
    throw new IgniteError('kernels/apt-failed', `The kernel package ${name} could not be had through apt`, {
      cause,
      stage: 'kernel',
      details: { package: name },
    });
  }
}
