// Which builder this host has.
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import { BUILDERS, type BuilderName } from './port.ts';

type Env = Readonly<Record<string, string | undefined>>;

const ANSWER_MS = 10_000;

/** What to install, by builder; the packages are Debian's and Ubuntu's. */
const NEEDS: Readonly<Record<BuilderName, string>> = {
  buildah: 'buildah is not installed: apt-get install buildah',
  docker: 'docker is not installed: apt-get install docker.io, and start its daemon',
  buildctl: 'buildctl is not installed: it comes with BuildKit, and needs a buildkitd that runs',
};

/**
 * The builder asked for, else the first that is installed.
 * @throws IgniteError `cli/no-builder`
 */
export function findBuilder(env: Env, asked: string | undefined): BuilderName {
  const names = asked === undefined ? BUILDERS : BUILDERS.filter((name) => name === asked);
  const found = names.find((name) => isInstalled(env, name));
  if (found !== undefined) return found;
  const [only] = names;
  const text =
    names.length === 1 && only !== undefined
      ? `--builder ${only}: ${NEEDS[only]}`
      : 'Building needs one of buildah, docker and buildctl, and this host has none';
  throw new IgniteError('cli/no-builder', text);
}

function isInstalled(env: Env, name: string): boolean {
  return (env['PATH'] ?? '').split(delimiter).some((folder) => folder !== '' && isProgram(join(folder, name)));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether the Docker client has the plugin buildx. */
export async function hasBuildx(env: Env, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  execFile('docker', ['buildx', 'version'], { env: { ...env }, timeout: ANSWER_MS, signal }, (error) =>
    resolve(error === null),
  );
  return await promise;
}
