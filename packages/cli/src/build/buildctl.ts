// BuildKit by its own tool: `buildctl build` with the Dockerfile frontend writes an OCI archive. Needs a buildkitd, which
// BUILDKIT_HOST names.
import { basename, dirname, join } from 'node:path';
import { openBuilt } from './archive.ts';
import type { Builder, BuildRequest } from './port.ts';

/** Builds with buildctl. */
export const buildWithBuildctl: Builder = async (request, { scratch, run }) => {
  const archive = join(scratch, 'image.tar');
  const words = [...sources(request), ...options(request)];
  await run(['buildctl', 'build', '--frontend', 'dockerfile.v0', ...words, ...output(request, archive)]);
  return await openBuilt(archive);
};

function sources({ context, file }: BuildRequest): readonly string[] {
  if (file === undefined) return ['--opt', `context=${context}`];
  const place = ['--local', `dockerfile=${dirname(file)}`, '--opt', `filename=${basename(file)}`];
  return ['--local', `context=${context}`, ...place];
}

function options(request: BuildRequest): readonly string[] {
  const { target, platform, buildArgs } = request;
  return [
    ...buildArgs.flatMap((word) => ['--opt', `build-arg:${word}`]),
    ...(target === undefined ? [] : ['--opt', `target=${target}`]),
    ...(platform === undefined ? [] : ['--opt', `platform=${platform}`]),
    ...(request.pull ? ['--opt', 'image-resolve-mode=pull'] : []),
    ...(request.noCache ? ['--no-cache'] : []),
  ];
}

function output({ quiet }: BuildRequest, archive: string): readonly string[] {
  return [...(quiet ? ['--progress', 'quiet'] : []), '--output', `type=oci,dest=${archive}`];
}
