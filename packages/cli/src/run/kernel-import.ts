// `ignite kernel import`: from an image, a package of the distribution, a file or a folder, or this host's own.
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { CommandContext } from '../context.ts';
import { pullOptions } from '../request/pull-options.ts';
import { openArchive } from '../sources/index.ts';
import { usage } from '../usage-error.ts';
import { created } from './shared/created.ts';
import { longOperation } from './shared/long-operation.ts';

/** What the API calls the kernel that the daemon's host runs. */
const HOST = 'host:';

export async function run(context: CommandContext): Promise<number> {
  const source = sourceOf(context);
  const file = fileOf(source, context.host.cwd);
  const kernel = await (file === undefined ? importKernel(context, source) : loadKernel(context, file));
  created(context.out, 'kernel', kernel.metadata);
  return 0;
}

async function loadKernel(context: CommandContext, path: string) {
  const name = context.flags.string('name') ?? basename(path);
  const { stream } = await openArchive(context, path);
  return await longOperation(context, (client, call) => client.loadKernel(stream, { name }, call));
}

async function importKernel(context: CommandContext, source: string) {
  const remote = source !== HOST && !source.startsWith('apt:');
  const options = remote ? await pullOptions(context.host, context.flags, [source]) : {};
  return await longOperation(context, (client, call) => client.importKernel({ source, ...options }, call));
}

function sourceOf({ flags, operands }: CommandContext): string {
  const [operand] = operands;
  if (flags.bool('running') && operand !== undefined)
    throw usage(`--host is the running kernel: leave "${operand}" out, or --host`);
  if (flags.bool('running')) return HOST;
  if (operand === undefined) throw usage('An image, a package, a file or a folder is needed, or --host');
  return operand;
}

/** A file is one whose name can be no image's, or that is here and looks like a path. */
function fileOf(source: string, cwd: string): string | undefined {
  if (source.startsWith('apt:') || source === HOST) return undefined;
  const path = resolve(cwd, source);
  if (/^(\/|\.\.?\/|\.\.?$)/.test(source) || source.endsWith('.deb')) return path;
  return source.includes('/') && existsSync(path) ? path : undefined;
}
