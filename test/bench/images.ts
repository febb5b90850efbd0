// Images: `ignite image import` beside the tools that do the same by hand, from a registry on loopback, cold store; memory
// of the importing process; and what an image already converted costs.
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hostClock, hostCommands } from '../../engine/src/host/index.ts';
import { createImages } from '../../engine/src/images/index.ts';
import { runProgram } from '../e2e/world/program.ts';
import { buildImage, file, ociArchive, pushSyntheticImage, type SyntheticImage } from '../images/index.ts';
import { startDockerRegistry } from '../registry/index.ts';
import { type Bench, IGNITE } from './place.ts';
import { alternate, timed } from './rounds.ts';
import { median, mib, ms, print } from './table.ts';

const USUAL: SyntheticImage = { files: 10_000, bytes: 250 << 20, layers: 5 };
/** With `IGNITE_BENCH_LARGE=1`: 5 GB in 100,000 files. */
const LARGE: SyntheticImage = { files: 100_000, bytes: 5 * 2 ** 30, layers: 20 };
const MOST_ROUNDS = 5;
const ENSURES = 200;
const IDLE_MS = 3_000;
/** A 5 GB image on a busy machine. */
const TIMEOUT_MS = 3_600_000;

/** Prints three tables. */
export async function benchImages(bench: Bench, rounds: number): Promise<void> {
  await using registry = await startDockerRegistry();
  await benchImport(bench, registry, 'usual', USUAL, Math.min(rounds, MOST_ROUNDS));
  if (process.env['IGNITE_BENCH_LARGE'] === '1') await benchImport(bench, registry, 'large', LARGE, 1);
  await benchEnsure(bench);
}

interface Served {
  readonly host: string;
  readonly url: string;
}

async function benchImport(
  bench: Bench,
  registry: Served,
  name: string,
  image: SyntheticImage,
  rounds: number,
): Promise<void> {
  const pushed = await pushSyntheticImage(registry.url, `bench/${name}`, '1', image);
  const reference = `${registry.host}/bench/${name}:1`;
  await run([IGNITE, 'images']); // the daemon may have ended while the image was made
  const { pid } = await bench.client.version();
  const idle = keepAsking(bench.client);
  await delay(IDLE_MS);
  const before = await idle.end();
  const parts: Record<string, number[]> = { skopeo: [], umoci: [], mkfs: [] };
  const answers: number[] = [];
  let peak = 0;
  const times = await alternate(rounds, {
    ignite: async () => {
      const watched = watchPeak(pid);
      const asked = keepAsking(bench.client);
      const time = await timed(() => run([IGNITE, 'image', 'import', reference]));
      peak = Math.max(peak, await watched.end());
      answers.push(...(await asked.end()));
      await run([IGNITE, 'image', 'rm', reference]);
      return time;
    },
    tools: () => byHand(bench, reference, image, parts),
  });
  const [ours, theirs] = [median(times.ignite), median(times.tools)];
  const sum = Object.entries(parts).map(([tool, values]) => `${tool} ${ms(median(values))}`);
  print(
    `Import of ${image.files} files, ${mib(image.bytes)} (${mib(pushed.bytes)} compressed), ${rounds} rounds`,
    ['way', 'median', 'wanted'],
    [
      ['`ignite image import`', ms(ours), `≤ ${ms(theirs / 2)} (half of the tools)`],
      [`\`skopeo copy\`, \`umoci unpack\`, \`mkfs.ext4 -d\` (${sum.join(', ')})`, ms(theirs), ''],
      ['peak memory of the import worker', mib(peak), '≤ 200 MiB'],
      [
        'the list of VMs meanwhile, every 50 ms',
        `${ms(median(answers))}, slowest ${ms(Math.max(...answers))}`,
        `as before it: ${ms(median(before))}, slowest ${ms(Math.max(...before))}`,
      ],
    ],
  );
}

async function byHand(
  { place }: Bench,
  reference: string,
  image: SyntheticImage,
  parts: Record<string, number[]>,
): Promise<number> {
  const folder = await mkdtemp(join(place.scratch, 'tools-'));
  const [layout, bundle, disk] = ['layout', 'bundle', 'disk.ext4'].map((name) => join(folder, name));
  const step = async (tool: string, argv: readonly (string | undefined)[]) => {
    const time = await timed(() => run(argv.map((word) => word ?? '')));
    parts[tool]?.push(time);
    return time;
  };
  try {
    const copy = ['skopeo', 'copy', '--quiet', '--insecure-policy', '--src-tls-verify=false'];
    const space = Math.ceil((image.bytes * 1.3 + image.files * 4096) / 2 ** 20) + 64;
    return (
      (await step('skopeo', [...copy, `docker://${reference}`, `oci:${layout}:it`])) +
      (await step('umoci', ['umoci', 'unpack', '--image', `${layout}:it`, bundle])) +
      (await step('mkfs', ['mkfs.ext4', '-q', '-d', `${bundle}/rootfs`, disk, `${space}M`]))
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(argv: readonly string[]): Promise<void> {
  const { code, stderr } = await runProgram(argv, { timeoutMs: TIMEOUT_MS });
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}\n${stderr}`);
}

/** Follows the peak resident memory of the worker that the daemon starts meanwhile. */
function watchPeak(daemon: number): { end(): Promise<number> } {
  const ended = new AbortController();
  const watching = (async () => {
    let peak = 0;
    while (!ended.signal.aborted) {
      for (const pid of await childrenOf(daemon)) peak = Math.max(peak, await peakOf(pid));
      await delay(20);
    }
    return peak;
  })();
  return {
    end() {
      ended.abort();
      return watching;
    },
  };
}

/** Asks the daemon for its VMs again and again, as `ps` does; gives the times of the answers. */
function keepAsking(client: Bench['client']): { end(): Promise<readonly number[]> } {
  const ended = new AbortController();
  const asking = (async () => {
    const times: number[] = [];
    while (!ended.signal.aborted) {
      times.push(await timed(() => client.listVms({ all: true })));
      await delay(50);
    }
    return times;
  })();
  return {
    end() {
      ended.abort();
      return asking;
    },
  };
}

async function childrenOf(pid: number): Promise<readonly string[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []); // it may have ended
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) => list.split(' ').filter((word) => word !== ''));
}

/** Bytes; VmHWM of proc_pid_status(5). Only programs of Node count: `unshare` is one a moment later. */
async function peakOf(pid: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** What `run` asks of an image that is here: in a store of its own, in this process. */
async function benchEnsure({ place }: Bench): Promise<void> {
  const state = await mkdtemp(join(place.scratch, 'store-'));
  const images = await createImages({
    stateDirectory: state,
    clock: hostClock(),
    commands: hostCommands(),
    workerUser: { uid: 65_534, gid: 65_534 },
  });
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const report = () => {};
  const archive = await ociArchive(await buildImage({ layers: [{ entries: [file('a', 'b')] }] }), 'bench:1');
  const [image] = await images.load({ kind: 'archive', stream: chunks(archive) }, { report, signal });
  const times: number[] = [];
  for (let n = 0; n < ENSURES; n += 1)
    times.push(await timed(() => images.ensure('bench:1', { pull: 'missing', report, signal })));
  const base = await stat(image?.base.path ?? '');
  print(
    `An image already converted (base disk ${mib(base.size)}, ${ENSURES} rounds)`,
    ['what', 'median', 'slowest', 'wanted'],
    [['`ensure`, as `run` asks for it', ms(median(times)), ms(Math.max(...times)), '≤ 5 ms']],
  );
  await rm(state, { recursive: true, force: true });
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
