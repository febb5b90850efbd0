// Builds an image with whichever builder the host has.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext } from '../context.ts';
import { buildWithBuildah } from './buildah.ts';
import { buildWithBuildctl } from './buildctl.ts';
import { buildWithDocker } from './docker.ts';
import { findBuilder } from './find-builder.ts';
import type { Builder, BuilderName, BuildRequest, BuiltImage } from './port.ts';
import { readContext } from './read-context.ts';
import { runProgram } from './run-program.ts';

const WITH: Readonly<Record<BuilderName, Builder>> = {
  buildah: buildWithBuildah,
  docker: buildWithDocker,
  buildctl: buildWithBuildctl,
};

/**
 * Builds what the command says and hands the image to `take`; scratch files are gone when it returns.
 * @throws IgniteError `cli/no-builder`, `cli/build-failed`, `cli/usage`, `cli/file-unreadable`
 */
export async function buildImage<T>(
  context: CommandContext,
  take: (image: BuiltImage) => Promise<T>,
): Promise<T> {
  const { flags, host, signal } = context;
  const name = findBuilder(host.env, flags.string('builder'));
  const scratch = await mkdtemp(join(host.env['TMPDIR'] || tmpdir(), 'ignite-build-'));
  try {
    const request = { ...readFlags(context), ...(await readContext(context, scratch)) };
    const run = (argv: readonly string[]) => runProgram(context, argv);
    return await take(await WITH[name](request, { env: host.env, scratch, run, signal }));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function readFlags({ flags }: CommandContext): Omit<BuildRequest, 'context' | 'file'> {
  const [target, platform] = [flags.string('target'), flags.string('platform')];
  return {
    tags: flags.list('tag'),
    buildArgs: flags.list('build-arg'),
    ...(target === undefined ? {} : { target }),
    ...(platform === undefined ? {} : { platform }),
    noCache: flags.bool('no-cache'),
    pull: flags.bool('pull'),
    quiet: flags.bool('quiet'),
  };
}
