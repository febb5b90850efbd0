// What a daemon and its VMs may have left on the host: everything that carries the name of its folder or its mark.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from './place.ts';
import { runProgram } from './program.ts';

/** How the engine of this run marks what it makes (DESIGN D13). */
interface Mark {
  readonly instance: string;
  readonly ordinal: number;
}

/** The mark of the engine; undefined before its first start. */
export async function readMark(place: Place): Promise<Mark | undefined> {
  try {
    return JSON.parse(await readFile(join(place.state, 'format.json'), 'utf8')) as Mark;
  } catch {
    return undefined;
  }
}

/** Everything of ours that is there now, one line each; empty when all is clean. */
export async function findLeftovers(place: Place, mark: Mark | undefined): Promise<readonly string[]> {
  return [
    ...(await findProcesses(place.root)).map(({ pid, line }) => `process ${pid}: ${line}`),
    ...(await leftFiles(place)).map((path) => `file ${path}`),
    ...lines(await readFile('/proc/self/mountinfo', 'utf8'), place.root).map((line) => `mount ${line}`),
    ...(mark === undefined ? [] : [...(await leftMembers(mark)), ...(await leftNetwork(mark))]),
  ];
}

/** What other programs' builds may leave in the host's network: bridges of podman, buildah and BuildKit, and their chains. */
const BUILDERS = /^(cni-podman|podman|buildah|buildkit|netavark)\d*$/;
const CHAINS = /^:(CNI|NETAVARK|BUILDKIT)/;

/** Links and firewall chains of image builders that are there now. */
export async function builderTraces(): Promise<readonly string[]> {
  const rules = await runProgram(['sh', '-c', 'iptables-save 2>/dev/null; ip6tables-save 2>/dev/null']);
  return [
    ...(await readdir('/sys/class/net')).filter((name) => BUILDERS.test(name)),
    ...rules.stdout.split('\n').filter((line) => CHAINS.test(line)),
  ];
}

/** Whether a command line is a daemon's: bundled, or run from its sources. */
export function isDaemon(line: string): boolean {
  return /(^|\/)ignited(\.js)?( |$)|daemon\/src\/main\.ts( |$)/.test(line);
}

interface Found {
  readonly pid: number;
  readonly line: string;
}

/** Processes that name the folder in their command line. A VMM does not: it sees the names of its jail. */
export function findProcesses(root: string): Promise<readonly Found[]> {
  return findWhere(async (line, read) => {
    // A daemon started on demand names its folder in its environment only.
    const daemon = isDaemon(line) && (await read('environ')).includes(root);
    return line.includes(root) || daemon;
  });
}

/** VMMs in control groups of the engine. One that has ended and waits to be reaped has no command line any more. */
async function leftMembers({ instance }: Mark): Promise<readonly string[]> {
  const found = await findWhere(
    async (line, read) =>
      /qemu-system|firecracker|cloud-hypervisor/.test(line) &&
      (await read('cgroup')).includes(`/ignite-${instance}/`),
  );
  return found.map(({ pid, line }) => `process ${pid} in a control group of ours: ${line}`);
}

/** @param isMeant gets a process's command line and a reader of its files below /proc, empty once it has ended */
async function findWhere(
  isMeant: (line: string, read: (name: string) => Promise<string>) => Promise<boolean>,
): Promise<readonly Found[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
      const line = (await read('cmdline')).replaceAll('\0', ' ');
      return (await isMeant(line, read)) ? [{ pid, line }] : [];
    }),
  );
  return found.flat();
}

/** Ends a process at once; one that has ended meanwhile is as good. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Files of VMs, and of runs of theirs. */
async function leftFiles({ state, run }: Place): Promise<readonly string[]> {
  const found = await Promise.all(
    [join(state, 'vms'), join(state, 'trash'), join(state, 'imports'), run].map(async (folder) =>
      (await readdir(folder).catch(() => [])).map((name) => join(folder, name)),
    ),
  );
  const kept = [join(state, 'imports/images'), join(run, 'host.json'), join(run, 'notice.json')];
  return found.flat().filter((path) => !kept.includes(path));
}

async function leftNetwork({ instance, ordinal }: Mark): Promise<readonly string[]> {
  const [links, tables, rules] = await Promise.all([
    readdir('/sys/class/net'),
    runProgram(['nft', 'list', 'tables']),
    runProgram(['sh', '-c', 'iptables-save 2>/dev/null; ip6tables-save 2>/dev/null']),
  ]);
  const namespaces = await readdir('/run/netns').catch(() => []);
  const link = new RegExp(`^ign${ordinal}(n|t|$)`);
  return [
    ...namespaces.filter((name) => name.includes(instance)).map((name) => `network namespace ${name}`),
    ...links.filter((name) => link.test(name)).map((name) => `network interface ${name}`),
    ...lines(tables.stdout, instance).map((line) => `nftables ${line}`),
    ...lines(rules.stdout, instance).map((line) => `iptables ${line}`),
  ];
}

function lines(text: string, word: string): readonly string[] {
  return text.split('\n').filter((line) => line.includes(word));
}
