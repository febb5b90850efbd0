// Firecracker as `ignite run` starts it compared with one started by hand, with the same kernel, initrd and disk: from the
// execution of a program until ignite-init calls, and until the image's command prints its first word; and what its
// process holds. Node's modules only.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ContractHost, until, vmmOf } from './host.ts';
import { namesOutside } from './outside-jail.ts';

/** Where the guest calls its host (protocol/src/table.ts, VSOCK); it does not come up without both. */
const FACTS_PORT = 1024;
const LINK_PORT = 1025;
const WORD = 'first-word';
const DEADLINE_MS = 300_000;
const LIVES_ON_S = 20;
const LARGE_PAGE = 2 << 20;
/** VMs of these tests have the lowest that are free. */
const SLOTS = 4;

/** A launch, in milliseconds since the program was executed. */
export interface Launch {
  /** Firecracker's process is there; by hand it is the program. */
  readonly vmm: number;
  /** ignite-init has called its host. */
  readonly init: number;
  /** The command's first word. */
  readonly word: number;
  /**
   * Whether the guest's memory lies at a multiple of 2 MiB. Only then a host maps it to the guest in large pages, and that is
   * half of a boot in emulation. Linux before 6.7 leaves it to what was mapped before: a thread for the API is enough.
   */
  readonly aligned: boolean;
}

export interface FirecrackerFigures {
  /** One for each round. */
  readonly bare: readonly Launch[];
  /** By hand, with the thread for its API that ours has, too. */
  readonly withApi: readonly Launch[];
  readonly ours: readonly Launch[];
  /** Milliseconds that Node takes for nothing, one for each round: `ignite` cannot take less. */
  readonly node: readonly number[];
  /** Resident KiB without what is shared. */
  readonly bareMemory: number;
  readonly ourMemory: number;
  readonly supervisorMemory: number;
}

/** Takes turns. @param program path of firecracker */
export async function firecrackerFigures(
  host: ContractHost,
  program: string,
  rounds: number,
): Promise<FirecrackerFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'firecracker-'));
  const vm = `figures-${process.pid}`;
  const script = `echo ${WORD}; exec sleep 100000`;
  try {
    await must(host, [
      'run',
      '-d',
      '--name',
      vm,
      ...host.flags,
      '--network',
      'none',
      host.image,
      'sh',
      '-c',
      script,
    ]);
    await until(
      'the word is there',
      async () => (await must(host, ['logs', vm])).includes(WORD),
      DEADLINE_MS,
    );
    const slot = Number(JSON.parse(await must(host, ['inspect', 'vm', vm])).bound.slot);
    const pid = (await vmmOf(host, slot)) ?? 0;
    const [ourMemory, supervisorMemory] = [await privateKib(pid), await privateKib(await parentOf(pid))];
    const configuration = await bareConfiguration(pid, folder);
    await must(host, ['kill', vm]);
    const [bare, withApi, ours, node]: [Launch[], Launch[], Launch[], number[]] = [[], [], [], []];
    let bareMemory = 0;
    const words = [program, '--config-file', configuration];
    for (let round = 0; round < rounds; round++) {
      const { memory, ...launch } = await bareLaunch([...words, '--no-api'], folder);
      bare.push(launch);
      bareMemory = memory;
      ours.push(await ourLaunch(host));
      withApi.push(await bareLaunch([...words, '--api-sock', join(folder, `api-${round}.sock`)], folder));
      node.push(await emptyNode());
    }
    return { bare, withApi, ours, node, bareMemory, ourMemory, supervisorMemory };
  } finally {
    await host.ignite(['rm', '-f', vm]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** The file that Firecracker was started with, with the host's names for what the jail holds. */
async function bareConfiguration(pid: number, folder: string): Promise<string> {
  const inside = JSON.parse(await readFile(`/proc/${pid}/root/firecracker.json`, 'utf8'));
  const mounts = await readFile(`/proc/${pid}/mountinfo`, 'utf8');
  const host = await readFile('/proc/self/mountinfo', 'utf8');
  const outside = (target: string) => {
    const found = namesOutside(mounts, host, target).find((path) => existsSync(path));
    if (found === undefined) throw new Error(`${target} is not found on the host`);
    return found;
  };
  const initrd = join(folder, 'initrd'); // it goes with the run
  await copyFile(`/proc/${pid}/root${inside['boot-source'].initrd_path}`, initrd);
  const whole = {
    ...inside,
    'boot-source': {
      ...inside['boot-source'],
      kernel_image_path: outside(inside['boot-source'].kernel_image_path),
      initrd_path: initrd,
    },
    // The files themselves, not copies: the guest knows its drives by them.
    drives: inside.drives.map((drive: { path_on_host: string }) => ({
      ...drive,
      path_on_host: outside(drive.path_on_host),
    })),
    vsock: { ...inside.vsock, uds_path: join(folder, 'guest.sock') },
  };
  const path = join(folder, 'firecracker.json');
  await writeFile(path, JSON.stringify(whole));
  return path;
}

async function bareLaunch([program = '', ...words]: readonly string[], folder: string) {
  const socket = join(folder, 'guest.sock');
  const [facts, link] = [`${socket}_${FACTS_PORT}`, `${socket}_${LINK_PORT}`];
  for (const left of [socket, facts, link]) await rm(left, { force: true });
  const heard = listen(facts);
  const patient = listen(link);
  await Promise.all([once(heard.server, 'listening'), once(patient.server, 'listening')]);
  const start = performance.now();
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  const ended = once(child, 'close').then(([code, signal]) => {
    throw new Error(`The bare Firecracker ended before its guest spoke: ${code ?? signal} ${complaint}`);
  });
  ended.catch(() => {}); // it is ended at last
  try {
    const init = (await Promise.race([heard.called, ended])) - start;
    const word = (await Promise.race([heard.word, ended])) - start;
    const pid = child.pid ?? 0;
    return { vmm: 0, init, word, aligned: await isAligned(pid), memory: await privateKib(pid) };
  } finally {
    clearTimeout(timer);
    await end(child);
    heard.server.close();
    patient.server.close();
  }
}

/** Facts come in frames, the first shows ignite-init's token; the command's words stand in them as they are. */
function listen(path: string) {
  const called = Promise.withResolvers<number>();
  const word = Promise.withResolvers<number>();
  const server: Server = createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (piece: string) => {
      called.resolve(performance.now());
      text += piece;
      if (text.includes(WORD)) word.resolve(performance.now());
    });
  });
  server.listen(path);
  return { server, called: called.promise, word: word.promise };
}

/** Its command lives on for a while, so that its supervisor can be asked when it was started and called. */
async function ourLaunch(host: ContractHost): Promise<Launch> {
  const begun = Date.now();
  const start = performance.now();
  const command = ['sh', '-c', `echo ${WORD}; exec sleep ${LIVES_ON_S}`];
  const { promise, resolve } = Promise.withResolvers<Launch>();
  let told = false;
  const ended = await host.ignite(
    ['run', '--rm', ...host.flags, '--network', 'none', host.image, ...command],
    (stdout) => {
      if (told || !stdout.includes(WORD)) return;
      told = true;
      const word = performance.now() - start;
      resolve(
        timesOf(host).then(({ vmm, init, aligned }) => ({
          vmm: vmm - begun,
          init: init - begun,
          word,
          aligned,
        })),
      );
    },
  );
  if (ended.code !== 0) throw new Error(`ignite run: exit ${ended.code}\n${ended.stderr}`);
  return promise;
}

/** What the supervisor of the one VM says of its start: milliseconds since 1970. */
async function timesOf(host: ContractHost): Promise<Omit<Launch, 'word'>> {
  const pid = (await onlyVmm(host)) ?? 0;
  const supervisor = await parentOf(pid);
  const words = (await readFile(`/proc/${supervisor}/cmdline`, 'utf8')).split('\0');
  const socket = connect(join(dirname(words[1] ?? ''), 'spawn.sock'));
  socket.write('status\n');
  const [line] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  const { startedAt, calledAt } = JSON.parse(line.toString()) as { startedAt: string; calledAt: string };
  return { vmm: Date.parse(startedAt), init: Date.parse(calledAt), aligned: await isAligned(pid) };
}

/** Its largest mapping is the guest's memory (proc(5), maps). */
async function isAligned(pid: number): Promise<boolean> {
  const ranges = (await readFile(`/proc/${pid}/maps`, 'utf8')).matchAll(/^([0-9a-f]+)-([0-9a-f]+) /gm);
  const all = [...ranges].map(([, from, to]) => [Number(`0x${from}`), Number(`0x${to}`)] as const);
  const [largest = [0, 0]] = all.toSorted(([a, b], [c, d]) => d - c - (b - a));
  return largest[0] % LARGE_PAGE === 0;
}

async function onlyVmm(host: ContractHost): Promise<number | undefined> {
  for (let slot = 0; slot < SLOTS; slot++) {
    const pid = await vmmOf(host, slot);
    if (pid !== undefined) return pid;
  }
  return undefined;
}

async function emptyNode(): Promise<number> {
  const start = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - start;
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** What the process has for itself: guest memory it touched, and its own. */
async function privateKib(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return of('Private_Clean') + of('Private_Dirty');
}

async function parentOf(pid: number): Promise<number> {
  return Number(/^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

async function must(host: ContractHost, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host.ignite(argv);
  if (code !== 0) throw new Error(`ignite ${argv.join(' ')}: exit ${code}\n${stdout}${stderr}`);
  return stdout;
}
