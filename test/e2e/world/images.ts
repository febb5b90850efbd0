// The images that the tests run: small ones built here and pushed to the run's registry, and a Debian machine.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildImage, directory, file, type ImageInput, pushImage, symlink } from '../../images/index.ts';
import { igniteOk } from './ignite.ts';
import { CACHE, type Place } from './place.ts';
import { runProgram } from './program.ts';

/** The machine image that `ignite image make debian` makes. */
export const MACHINE = 'ignite-debian:bookworm';

const BUSYBOX = '/bin/busybox';
const RECIPE = resolve(import.meta.dirname, '../../../engine/src/imagemake');
const MAKE_MS = 15 * 60_000;

/** Busybox with all its programs; more entries and another configuration as wanted. */
export async function pushBusybox(
  registry: string,
  name: string,
  config: ImageInput['config'] = { Cmd: ['sh'] },
  layers: ImageInput['layers'] = [],
): Promise<void> {
  const { stdout } = await runProgram([BUSYBOX, '--list']);
  const applets = stdout.trim().split('\n');
  const base = [
    ...['bin', 'etc', 'proc', 'sys', 'dev', 'root'].map((folder) => directory(folder)),
    directory('tmp', { mode: 0o1777 }),
    file('bin/busybox', await readFile(BUSYBOX), { mode: 0o755 }),
    ...applets.filter((applet) => applet !== 'busybox').map((applet) => symlink(`bin/${applet}`, 'busybox')),
    file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nalice:x:1500:1500::/home/alice:/bin/sh\n'),
    file('etc/group', 'root:x:0:\nalice:x:1500:\nwheel:x:1600:alice\n'),
  ];
  const built = await buildImage({ layers: [{ entries: base }, ...layers], config });
  await pushImage(`http://${registry}`, name, '1', built);
}

/** Puts the machine image into the store: from the cache, or made by the program under test and then cached. */
export async function prepareMachine(place: Place): Promise<void> {
  const archive = join(CACHE, `debian-${await recipeDigest()}.tar`);
  if (existsSync(archive)) {
    await igniteOk(['image', 'load', archive, '--reference', MACHINE], { timeoutMs: MAKE_MS });
    return;
  }
  await igniteOk(['image', 'make', 'debian', '--suite', 'bookworm', '-t', MACHINE], { timeoutMs: MAKE_MS });
  await mkdir(CACHE, { recursive: true });
  const layout = join(place.state, 'images/oci');
  await runProgram(['tar', '-C', layout, '-cf', `${archive}.tmp`, '.']);
  await rename(`${archive}.tmp`, archive);
}

/** Changes whenever the recipe does. */
async function recipeDigest(): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(RECIPE)).filter((name) => !name.endsWith('.test.ts'));
  for (const name of names.toSorted()) hash.update(await readFile(join(RECIPE, name)));
  return hash.digest('hex').slice(0, 16);
}
