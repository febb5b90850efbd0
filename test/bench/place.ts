// Where the benchmark works: a daemon of its own in a folder of its own, with one image and one kernel, and nothing
// left of it afterwards.
import { readFile, rm, chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Client, createClient } from '@ignite/client';
import type { TarInput } from '@ignite/archive';
import { prepareKernel } from '../e2e/world/kernel.ts';
import { ignite, igniteOk } from '../e2e/world/ignite.ts';
import { findLeftovers, findProcesses, readMark } from '../e2e/world/leftovers.ts';
import { IGNITE, type Place, placeAt } from '../e2e/world/place.ts';
import { waitFor } from '../e2e/world/wait-for.ts';
import { buildImage, directory, file, ociArchive, symlink } from '../images/index.ts';

/** The image that all guests run: busybox. */
export const IMAGE = 'bench/busybox:1';
/** The Node that `bin/ignite` takes in a work tree. */
export const NODE = resolve(import.meta.dirname, `../../node_modules/node-linux-${process.arch}/bin/node`);
export { IGNITE };

/** The kernel is imported beforehand, so that no download is measured. What names no VMM is compared with bare QEMUs. */
const CONFIGURATION = `apiVersion: ignite.vm/v1beta1
kind: Configuration
metadata: {name: bench}
spec:
  kernel: {autoDownload: false}
  vmDefaults: {vmm: qemu}
`;

/** Marks the files, and so the command line, of bare launches. */
export const BARE = 'bare-';

const BUSYBOX = '/bin/busybox';
const PROGRAMS = ['sh', 'cat', 'nc', 'dd', 'echo', 'grep', 'head', 'sleep', 'true'];

export interface Bench extends AsyncDisposable {
  readonly place: Place;
  readonly client: Client;
  /** Id of the daemon's process. */
  readonly daemon: number;
  /** Has something removed when the benchmark ends, however it ends. */
  defer(work: () => Promise<void>): void;
  /** As disposing of it: once, however often it is called. @throws Error with a list of what is left */
  close(): Promise<void>;
}

/** Starts the daemon and puts image and kernel into its store. */
export async function openBench(): Promise<Bench> {
  const place = placeAt(await mkdtemp(join(tmpdir(), 'ignite-bench-')));
  await chmod(place.root, 0o711); // VMMs, which have users of their own, pass through it
  await mkdir(place.scratch);
  delete process.env['IGNITE_HOST'];
  const configuration = join(place.root, 'config.yaml');
  await writeFile(configuration, CONFIGURATION);
  Object.assign(process.env, {
    IGNITE_STATE_DIR: place.state,
    IGNITE_RUN_DIR: place.run,
    IGNITE_CONFIG: configuration,
  });
  try {
    await loadImage(place);
    await prepareKernel(place);
    let closing: Promise<void> | undefined;
    const deferred = new AsyncDisposableStack();
    deferred.defer(() => closeBench(place));
    const close = () => {
      closing ??= deferred.disposeAsync(); // an interrupted measurement fails and comes here, too
      return closing;
    };
    return {
      place,
      client: createClient({ socketPath: join(place.run, 'ignited.sock') }),
      daemon: await daemonOf(place),
      defer: (work) => deferred.defer(work),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await closeBench(place);
    throw error;
  }
}

/** Removes VMs, daemon and files. @throws Error with a list of what is left */
async function closeBench(place: Place): Promise<void> {
  await waitFor('all VMs are removed', async () => {
    const uids = (await igniteOk(['ps', '-aq'])).split('\n').filter((uid) => uid !== '');
    if (uids.length > 0) await ignite(['rm', '-f', ...uids]); // an interrupted `run --rm` may be removing one
    return uids.length === 0;
  });
  const mark = await readMark(place);
  await igniteOk(['system', 'stop']);
  for (const { pid, line } of await findProcesses(place.root))
    if (line.includes(BARE)) process.kill(pid, 'SIGKILL'); // interrupted in the middle of a bare launch
  await waitFor('the daemon has ended', async () => (await findProcesses(place.root)).length === 0);
  const left = await findLeftovers(place, mark);
  await rm(place.root, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`Left behind:\n${left.join('\n')}`);
}

async function daemonOf(place: Place): Promise<number> {
  await igniteOk(['images']); // one that has nothing to watch may have ended meanwhile
  return (await createClient({ socketPath: join(place.run, 'ignited.sock') }).version()).pid;
}

/**
 * Builds an image with busybox and puts it into the store.
 * @param more what it has in addition
 */
export async function loadImage(
  place: Place,
  reference = IMAGE,
  more: readonly TarInput[] = [],
): Promise<void> {
  const built = await buildImage({
    layers: [
      {
        entries: [
          ...['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp'].map((folder) => directory(folder)),
          file('bin/busybox', await readFile(BUSYBOX), { mode: 0o755 }),
          ...PROGRAMS.map((name) => symlink(`bin/${name}`, 'busybox')),
          file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'),
          ...more,
        ],
      },
    ],
    config: { Cmd: ['sh'] },
  });
  const archive = join(place.scratch, 'image.tar');
  await writeFile(archive, await ociArchive(built, reference));
  await igniteOk(['image', 'load', archive, '--reference', reference]);
}
