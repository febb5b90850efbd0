// `ignite kernel import`: from an image, a package of the distribution, or a file.
import { createReadStream, existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { CommandContext } from '../context.ts';
import { refuseOldWords } from '../request/create-request.ts';
import { pullOptions } from '../request/pull-options.ts';
import { created } from './created.ts';
import { longOperation } from './long-operation.ts';

const CHUNK = 1 << 20;

export async function run(context: CommandContext): Promise<number> {
  refuseOldWords(context.flags);
  const { flags, host, operands, out } = context;
  const source = operands[0] ?? '';
  const file = fileOf(source, host.cwd);
  const options =
    file === undefined && !source.startsWith('apt:') ? await pullOptions(host, flags, [source]) : {};
  const kernel = await longOperation(context, (client, call) =>
    file === undefined
      ? client.importKernel({ source, ...options }, call)
      : client.loadKernel(
          createReadStream(file, { highWaterMark: CHUNK }),
          { name: flags.string('name') ?? basename(file) },
          call,
        ),
  );
  created(out, 'kernel', kernel.metadata);
  return 0;
}

/** A file is one whose name can be no image's, or that is here and looks like a path. */
function fileOf(source: string, cwd: string): string | undefined {
  if (source.startsWith('apt:')) return undefined;
  const path = resolve(cwd, source);
  if (/^(\/|\.\.?\/)/.test(source) || source.endsWith('.deb')) return path;
  return source.includes('/') && existsSync(path) ? path : undefined;
}
