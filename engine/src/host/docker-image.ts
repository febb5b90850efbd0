// A Docker image that holds one static program of ours and nothing else. Its tag is the program's digest, so that a new
// program is a new image; it is removed with the last container that uses it.
import { programTag, tarOf } from './program-tar.ts';
import { type DockerAnswer, type DockerApi, dockerMessage } from './docker-api.ts';

interface ProgramImage {
  /** `ignite-hold:0123456789ab` */
  readonly reference: string;
  /** The image as Docker imports it: a tar of its files. */
  readonly archive: () => Promise<Uint8Array>;
}

/**
 * @param repository name of the image
 * @param path where the program lies in it, without the first slash
 * @param program its bytes
 */
export function programImage(repository: string, path: string, program: Uint8Array): ProgramImage {
  return {
    reference: `${repository}:${programTag(program)}`,
    archive: () => tarOf([{ name: path, mode: 0o755, content: program }]),
  };
}

/** Another VM's end may remove the image between our check and our use of it. */
const ATTEMPTS = 5;

/**
 * Makes a container from an image that is imported first where Docker lacks it.
 * @returns Docker's answer to the making; 201 is success
 */
export async function createFromProgram(
  api: DockerApi,
  image: ProgramImage,
  container: { readonly name: string; readonly body: object },
  signal: AbortSignal,
): Promise<DockerAnswer> {
  const path = `/containers/create?name=${container.name}`;
  const body = { ...container.body, Image: image.reference };
  for (let attempt = 1; ; attempt += 1) {
    const imported = await ensureImage(api, image, signal);
    if (imported.status !== 200) return imported;
    const answer = await api({ method: 'POST', path, body, signal });
    if (answer.status !== 404 || attempt === ATTEMPTS) return answer;
  }
}

async function ensureImage(
  api: DockerApi,
  { reference, archive }: ProgramImage,
  signal: AbortSignal,
): Promise<DockerAnswer> {
  const known = await api({ method: 'GET', path: `/images/${reference}/json`, signal });
  if (known.status === 200) return known;
  const [repository = '', tag = ''] = reference.split(':');
  const path = `/images/create?fromSrc=-&repo=${repository}&tag=${tag}`;
  return api({ method: 'POST', path, body: await archive(), signal });
}

/**
 * Removes a container, running or not. It is no error if there is none, or if it is being removed already.
 * @returns Docker's message if it refuses
 */
export async function removeContainer(
  api: DockerApi,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const answer = await api({ method: 'DELETE', path: `/containers/${name}?force=true&v=true`, signal });
  return [204, 404, 409].includes(answer.status) ? undefined : dockerMessage(answer);
}
