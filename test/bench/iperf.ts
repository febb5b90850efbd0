// A guest that iperf3 measures, and measurements between the host and guests: the same for VMs of ours and bare ones.
import { readFile } from 'node:fs/promises';
import { directory, file } from '../images/index.ts';
import { runProgram } from '../e2e/world/program.ts';
import { waitFor } from '../e2e/world/wait-for.ts';
import { type Bench, loadImage } from './place.ts';

export const IPERF_IMAGE = 'bench/iperf3:1';
const MEASURE_PORT = 9000;
/** iperf3's own port as /proc/net/tcp6 has it: 5201. */
const LISTENS = 'grep -q ":1451 " /proc/net/tcp6 /proc/net/tcp';
/** Serves iperf3, and then on MEASURE_PORT measures to the address that a connection names. */
export const SERVE = [
  'sh',
  '-c',
  `iperf3 -s >/dev/null & echo started; until ${LISTENS}; do sleep 0.1; done; exec nc -ll -p ${MEASURE_PORT} -e /bin/measure`,
];

const PROGRAM = '/usr/bin/iperf3';
/** The first second is not counted: TCP finds its pace in it. */
const HOW = ['--json', '--time', '3', '--omit', '1'];
const DEADLINE_MS = 60_000;

/** Puts an image with the host's iperf3 and what it links to into the store. @throws Error where it is not installed */
export async function loadIperf({ place }: Bench): Promise<void> {
  const { code, stdout } = await runProgram(['ldd', PROGRAM]);
  if (code !== 0) throw new Error('The section network needs iperf3: apt-get install iperf3');
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
  const copy = async (path: string) => file(path.slice(1), await readFile(path), { mode: 0o755 });
  const folders = new Set(libraries.flatMap(foldersOf));
  await loadImage(place, IPERF_IMAGE, [
    ...[...folders].map((folder) => directory(folder)),
    ...(await Promise.all(libraries.map(copy))),
    file('bin/iperf3', await readFile(PROGRAM), { mode: 0o755 }),
    file(
      'bin/measure',
      `#!/bin/sh\nread peer\n[ -n "$peer" ] || exit 0\nexec iperf3 -c "$peer" ${HOW.join(' ')}\n`,
      { mode: 0o755 },
    ),
  ]);
}

function foldersOf(path: string): readonly string[] {
  const parts = path.slice(1).split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Words that execute the words after them on the host that the guests are guests of. */
export type Through = readonly string[];

/** Waits until a guest can be measured. */
export async function untilServed(through: Through, guest: string): Promise<void> {
  const argv = [...through, 'busybox', 'nc', '-w', '1', guest, String(MEASURE_PORT)];
  await waitFor(`iperf3 serves on ${guest}`, async () => (await runProgram(argv)).code === 0);
}

/** Bits per second from the host to a guest, or back. */
export function fromHost(through: Through, guest: string, back: boolean): Promise<number> {
  return measured([...through, PROGRAM, '-c', guest, ...HOW, ...(back ? ['--reverse'] : [])]);
}

/** Bits per second from one guest to the other. */
export function betweenGuests(through: Through, from: string, to: string): Promise<number> {
  return measured([...through, 'busybox', 'nc', from, String(MEASURE_PORT)], `${to}\n`);
}

/** The rate in iperf3's report. Its server closes its port for a moment after each measurement: then again. */
function measured(argv: readonly string[], stdin = ''): Promise<number> {
  return waitFor('iperf3 measures', async () => {
    const { stdout } = await runProgram(argv, { stdin, timeoutMs: DEADLINE_MS });
    const { end, error } = JSON.parse(stdout) as Report;
    const rate = end?.sum_received?.bits_per_second;
    if (rate === undefined && !/refused|busy/.test(error ?? ''))
      throw new Error(`iperf3: ${error ?? stdout}`);
    return rate;
  });
}

interface Report {
  readonly end?: { readonly sum_received?: { readonly bits_per_second?: number } };
  readonly error?: string;
}
