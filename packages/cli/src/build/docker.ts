// Docker: `docker buildx build` where the plugin is there, else `docker build`; the image is then read from the daemon.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDockerImage } from '../sources/docker.ts';
import { hasBuildx } from './find-builder.ts';
import { commonFlags } from './flags.ts';
import type { Builder } from './port.ts';

/** Builds with the Docker that the caller's environment names. */
export const buildWithDocker: Builder = async (request, { env, scratch, run, signal }) => {
  const idFile = join(scratch, 'id');
  // `--load`: a builder in a container keeps the image to itself otherwise.
  const command = (await hasBuildx(env, signal))
    ? ['docker', 'buildx', 'build', '--load']
    : ['docker', 'build'];
  await run([...command, '--iidfile', idFile, ...commonFlags(request), request.context]);
  const id = (await readFile(idFile, 'utf8')).trim();
  return { stream: await openDockerImage(env, id, signal) };
};
