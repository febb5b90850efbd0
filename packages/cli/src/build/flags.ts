// The words that buildah and Docker have in common.
import type { BuildRequest } from './port.ts';

/** Options of `buildah build` and `docker build`, without the context. */
export function commonFlags(request: BuildRequest): readonly string[] {
  const { file, tags, buildArgs, target, platform } = request;
  return [
    ...(file === undefined ? [] : ['--file', file]),
    ...tags.flatMap((tag) => ['--tag', tag]),
    ...buildArgs.flatMap((word) => ['--build-arg', word]),
    ...(target === undefined ? [] : ['--target', target]),
    ...(platform === undefined ? [] : ['--platform', platform]),
    ...(request.noCache ? ['--no-cache'] : []),
    ...(request.pull ? ['--pull'] : []),
    ...(request.quiet ? ['--quiet'] : []),
  ];
}
