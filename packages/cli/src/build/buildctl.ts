// BuildKit by its own tool: `buildctl build` with the Dockerfile frontend writes an OCI archive. Needs a buildkitd, which
// BUILDKIT_HOST names.
import { basename, dirname, isAbsolute, join } from 'node:path';
import { openBuilt } from './archive.ts';
import type { Builder, BuilderTools, BuildRequest } from './port.ts';

/** Builds with buildctl. */
export const buildWithBuildctl: Builder = async (request, { env, scratch, run }) => {
  const archive = join(scratch, 'image.tar');
  const words = [...sources(request), ...options(request, env)];
  await run(['buildctl', 'build', '--frontend', 'dockerfile.v0', ...words, ...output(request, archive)]);
  return await openBuilt(archive);
};

/** A folder is sent; an address is fetched by the frontend, and the Dockerfile is a file of what is there. */
function sources({ context, file }: BuildRequest): readonly string[] {
  if (!isAbsolute(context))
    return ['--opt', `context=${context}`, ...(file === undefined ? [] : ['--opt', `filename=${file}`])];
  const place =
    file === undefined ? [] : ['--local', `dockerfile=${dirname(file)}`, '--opt', `filename=${basename(file)}`];
  return ['--local', `context=${context}`, ...place];
}

/** `--build-arg NAME` takes the caller's variable, as Docker does; only newer versions of buildctl do so themselves. */
function buildArg(word: string, env: BuilderTools['env']): readonly string[] {
  if (word.includes('=')) return ['--opt', `build-arg:${word}`];
  const value = env[word];
  return value === undefined ? [] : ['--opt', `build-arg:${word}=${value}`];
}

function options(request: BuildRequest, env: BuilderTools['env']): readonly string[] {
  const { target, platform, buildArgs } = request;
  return [
    ...buildArgs.flatMap((word) => buildArg(word, env)),
    ...(target === undefined ? [] : ['--opt', `target=${target}`]),
    ...(platform === undefined ? [] : ['--opt', `platform=${platform}`]),
    ...(request.pull ? ['--opt', 'image-resolve-mode=pull'] : []),
    ...(request.noCache ? ['--no-cache'] : []),
  ];
}

function output({ quiet }: BuildRequest, archive: string): readonly string[] {
  return [...(quiet ? ['--progress', 'quiet'] : []), '--output', `type=oci,dest=${archive}`];
}
