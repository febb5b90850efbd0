// Gets packages from the distribution's archive with apt, which checks the archive's signature. Nothing is installed
// and none of apt's own state is changed: where the host's package lists are missing or old, fresh ones are fetched
// into a scratch folder with the host's sources and keys.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError, isIgniteError, type Report } from '@ignite/api';
import { type Commands, HOST_PATH, type RunOptions } from '../../host/index.ts';
import { type AptPackage, isPackageName, parseAptShow } from './apt-record.ts';

export interface AptContext {
  readonly commands: Commands;
  /** Scratch folder; the caller removes it. */
  readonly scratch: string;
  /** Proxy variables for apt, where the daemon has them; apt's own configuration is used anyway. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** apt with one set of package lists. */
export interface Apt {
  /** The candidate of a package. @throws IgniteError `kernels/not-found` */
  show(name: string): Promise<AptPackage>;
  /** Downloads packages, checked by apt, and returns the absolute paths of the `.deb` files. */
  download(packages: readonly AptPackage[]): Promise<readonly string[]>;
}

const DEADLINE_MS = 10 * 60_000;
/** What apt-cache ends with where it finds nothing. */
const NOTHING_FOUND = 100;

/**
 * Does `work` with the host's package lists, and where that fails again with fresh ones of our own.
 * @param name of the package wanted, for errors
 * @throws IgniteError `kernels/no-apt`, `kernels/apt-failed`, `kernels/not-found`, `host/cancelled`
 */
export async function withApt<T>(
  name: string,
  context: AptContext,
  work: (apt: Apt) => Promise<T>,
): Promise<T> {
  let first: unknown;
  try {
    return await work(createApt(context, []));
  } catch (error) {
    if (isIgniteError(error, 'host/cancelled')) throw error;
    if (isIgniteError(error, 'host/program-missing')) throw noApt(error);
    first = error;
  }
  try {
    const options = await privateLists(context);
    context.report({ kind: 'stage', name: 'package lists' });
    await run(context, ['apt-get', ...options, '-q', 'update']);
    return await work(createApt(context, options));
  } catch (cause) {
    if (isIgniteError(cause, 'host/cancelled')) throw cause;
    const unknown = isIgniteError(cause, 'kernels/not-found');
    if (unknown && isIgniteError(first, 'kernels/not-found')) throw cause;
    throw new IgniteError('kernels/apt-failed', `The package ${name} could not be had through apt`, {
      // `apt-get update` ends well without a network, with empty lists: then what failed is what was tried with the host's.
      cause: unknown ? first : cause,
      stage: 'kernel',
      details: { package: name },
    });
  }
}

function createApt(context: AptContext, options: readonly string[]): Apt {
  return {
    show: (name) => show(context, options, name),
    download: (packages) => download(context, options, packages),
  };
}

async function show(context: AptContext, options: readonly string[], name: string): Promise<AptPackage> {
  const argv = ['apt-cache', ...options, 'show', '--no-all-versions', name];
  const known = isPackageName(name) ? await run(context, argv, { okCodes: [0, NOTHING_FOUND] }) : undefined;
  const found = parseAptShow(known?.stdout ?? '');
  if (found !== undefined) return found;
  throw new IgniteError('kernels/not-found', `apt knows no package ${name}`, { details: { package: name } });
}

async function download(
  context: AptContext,
  options: readonly string[],
  packages: readonly AptPackage[],
): Promise<readonly string[]> {
  const folder = join(context.scratch, 'debs');
  await mkdir(folder, { recursive: true });
  const total = packages.reduce((sum, each) => sum + each.size, 0);
  const words = packages.map((each) => `${each.name}=${each.version}`);
  await run(context, ['apt-get', ...options, '-q', '-o', 'APT::Status-Fd=2', 'download', ...words], {
    cwd: folder,
    onStderr: downloadProgress(packages[0]?.name ?? '', total, context.report),
  });
  const files = await readdir(folder);
  return files.filter((file) => file.endsWith('.deb')).map((file) => join(folder, file));
}

/** Options that keep lists and caches in the scratch folder, while sources and keys are the host's. */
async function privateLists(context: AptContext): Promise<readonly string[]> {
  const state = join(context.scratch, 'apt-state');
  const cache = join(context.scratch, 'apt-cache');
  await mkdir(join(state, 'lists/partial'), { recursive: true });
  await mkdir(join(cache, 'archives/partial'), { recursive: true });
  const settings = [
    `Dir::State=${state}`,
    // named one by one, since the host's configuration may name them absolutely
    `Dir::State::lists=${join(state, 'lists')}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${cache}`,
    `Dir::Cache::archives=${join(cache, 'archives')}`,
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
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
    env: { PATH: HOST_PATH, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive', ...context.environment },
    ...options,
  });
}

/** apt's status lines: `dlstatus:INDEX:PERCENT:TEXT` (README.progress-reporting of apt). */
export function downloadProgress(label: string, total: number, report: Report): (text: string) => void {
  let rest = '';
  let told = -1;
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const percent = Number(/^dlstatus:\d+:([\d.]+):/.exec(line)?.[1] ?? Number.NaN);
      const done = Math.min(total, Math.round((total * percent) / 100));
      if (Number.isNaN(percent) || done <= told) continue;
      told = done;
      report({ kind: 'bytes', id: `apt:${label}`, label, done, total });
    }
  };
}

function noApt(cause: IgniteError): IgniteError {
  return new IgniteError('kernels/no-apt', 'This host has no apt-get', { cause, stage: 'kernel' });
}
