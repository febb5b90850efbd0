// Images: `ignite image import` compared with the tools that do the same by hand, from a registry on loopback, cold store; memory
// of the importing process; and what an image already converted costs.
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hostArchitecture, hostClock, hostCommands } from '../../engine/src/host/index.ts';
import { createImages } from '../../engine/src/images/index.ts';
import { runProgram } from '../e2e/world/program.ts';
import { buildImage, file, ociArchive, pushSyntheticImage, type SyntheticImage } from '../images/index.ts';
import { startDockerRegistry } from '../registry/index.ts';
import { type Bench, IGNITE, NODE } from './place.ts';
import { alternate, timed } from './rounds.ts';
import { median, mib, ms, print } from './table.ts';
import { keepAsking, spread } from './watch.ts';

const USUAL: SyntheticImage = { files: 10_000, bytes: 250 << 20, layers: 5 };
/** With `IGNITE_BENCH_LARGE=1`: 5 GB in 100,000 files. */
const LARGE: SyntheticImage = { files: 100_000, bytes: 5 * 2 ** 30, layers: 20 };
const MOST_ROUNDS = 5;
const ENSURES = 200;
const IDLE_MS = 3_000;
/** A 5 GB image on a busy machine. */
const TIMEOUT_MS = 3_600_000;

/** Prints tables. */
export async function benchImages(bench: Bench, rounds: number): Promise<void> {
  await using registry = await startDockerRegistry();
  await benchImport(bench, registry, 'usual', USUAL, Math.min(rounds, MOST_ROUNDS));
  if (process.env['IGNITE_BENCH_LARGE'] === '1') await benchImport(bench, registry, 'large', LARGE, 1);
  await benchShared(bench, registry);
  await benchIndex();
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
      ['the list of VMs meanwhile, every 50 ms', spread(answers), `as before it: ${spread(before)}`],
    ],
  );
}

/** The second of two images of which all layers but one are the same: what its import reads from the registry. */
async function benchShared(bench: Bench, registry: Served): Promise<void> {
  const { files, bytes, layers } = USUAL;
  const more = { files: files + files / layers, bytes: bytes + bytes / layers, layers: layers + 1 };
  const [first, second] = ['one', 'two'].map((tag) => `${registry.host}/bench/shared:${tag}`);
  const base = await pushSyntheticImage(registry.url, 'bench/shared', 'one', USUAL);
  const whole = await pushSyntheticImage(registry.url, 'bench/shared', 'two', more);
  await run([IGNITE, 'image', 'import', first ?? '']);
  const before = await receivedBytes();
  const time = await timed(() => run([IGNITE, 'image', 'import', second ?? '']));
  const received = (await receivedBytes()) - before;
  for (const reference of [first, second]) await run([IGNITE, 'image', 'rm', reference ?? '']);
  print(
    `An image of ${mib(whole.bytes)} (${mib(more.bytes)} unpacked) that shares ${layers} of ${more.layers} layers with one already here`,
    ['what', 'measured', 'wanted'],
    [
      ['bytes over the loopback while it is imported', mib(received), `≈ ${mib(whole.bytes - base.bytes)}`],
      ['`ignite image import`: its disk is made from all of its layers', ms(time), ''],
    ],
  );
  await bench.client.version();
}

/** All bytes that the loopback interface has passed on, proc_net_dev(5): the daemon is spoken to through a socket file. */
async function receivedBytes(): Promise<number> {
  const text = await readFile('/proc/net/dev', 'utf8');
  return Number(/^\s*lo:\s*(\d+)/m.exec(text)?.[1] ?? 0);
}

/** Memory of the ext4 writer by entry, in a process of its own. */
async function benchIndex(): Promise<void> {
  const rows: string[][] = [];
  for (const entries of [10_000, 100_000, 500_000]) {
    const script = join(import.meta.dirname, 'entry-index.ts');
    const argv = [NODE, '--no-warnings', '--expose-gc', script, String(entries)];
    const { stdout } = await runProgram(argv, { timeoutMs: TIMEOUT_MS });
    rows.push([`${entries} files`, `${Math.round(Number(stdout))} bytes`, '≤ 400 bytes']);
  }
  print('Index of the ext4 writer, by entry', ['entries', 'memory', 'wanted'], rows);
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
    architecture: hostArchitecture(),
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
