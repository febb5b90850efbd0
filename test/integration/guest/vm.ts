// A real VM for the tests of the guest room: QEMU under TCG, a Debian kernel, a root file system made of busybox,
// both channels on Unix sockets of this process. No supervisor, no daemon.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  copyFileSync,
  truncateSync,
} from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createFrameParser,
  decodeExit,
  decodeLog,
  decodeTlv,
  encodeCredit,
  type ExitStatus,
} from '@ignite/api';
import { CHANNEL, FRAME, TAG } from '@ignite/protocol';
import { createGuest } from '../../../engine/src/guest/index.ts';
import type { GuestConfig } from '../../../engine/src/guest/port.ts';
import { CHANNELS_SLOT, driveSlot, traitsOf, virtio } from '../../../engine/src/vmm/qemu/machine.ts';
import { testKernel } from './kernel.ts';

export interface TestVm extends AsyncDisposable {
  /** The agent's end of the link. */
  readonly link: Socket;
  readonly facts: Facts;
  readonly console: () => string;
  /** Settles when QEMU has ended. */
  readonly ended: Promise<void>;
  readonly qemu: ChildProcess;
  /** Gives a drive another size while the VM runs. */
  resize(drive: number, bytes: number): Promise<void>;
}

/** A drive beside the root. */
export interface TestDrive {
  readonly index: number;
  readonly path: string;
  readonly readOnly?: boolean;
}

/** What came over `facts`, as a supervisor would keep it. */
export interface Facts {
  readonly token: () => string | undefined;
  readonly notes: readonly string[];
  readonly stdout: () => Buffer;
  readonly stderr: () => Buffer;
  /** From now on what came and what comes is credited. */
  readonly release: () => void;
  /** The host's end is closed for good. */
  readonly close: () => void;
  /** Settles when all that was said was read, and nothing more will come. */
  readonly closed: Promise<void>;
  readonly ready: Promise<ReadonlyMap<string, number>>;
  readonly done: Promise<ExitStatus>;
  readonly intent: Promise<number | undefined>;
}

const TOKEN = '00112233445566778899aabbccddeeff';
const INIT = new URL('../../../build/native/ignite-init', import.meta.url).pathname;

/** A configuration of app mode; `argv` is what runs. */
export function appConfig(
  argv: readonly string[],
  more: Partial<NonNullable<GuestConfig['app']>> = {},
  rest: Partial<GuestConfig> = {},
): GuestConfig {
  return {
    mode: 'app',
    bootToken: TOKEN,
    hostname: 'probe',
    machineId: 'ab'.repeat(16),
    nics: [],
    dns: ['192.0.2.53'],
    hosts: [{ address: '192.0.2.1', names: ['gateway'] }],
    rootDrive: 0,
    mounts: [],
    app: {
      argv,
      env: ['A=b'],
      workdir: '/',
      user: '',
      tty: false,
      stdin: false,
      stopSignal: 'SIGTERM',
      ...more,
    },
    authorizedKeys: [],
    files: [],
    time: Date.now() / 1000,
    powerOff: 'reset',
    channels: 'ports',
    serials: [],
    ...rest,
  };
}

/** Makes an ext4 of `megabytes` from busybox; `fill` may add files below the folder it gets. */
export function makeRoot(path: string, megabytes: number, fill: (folder: string) => void = () => {}): void {
  const folder = mkdtempSync(join(tmpdir(), 'ignite-root-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'etc'));
  copyFileSync('/bin/busybox', join(folder, 'bin/busybox'));
  for (const name of [
    'sh',
    'cat',
    'ls',
    'id',
    'stty',
    'sleep',
    'echo',
    'df',
    'head',
    'sha256sum',
    'sync',
    'env',
    'dd',
    'stat',
    'readlink',
    'mkdir',
    'printf',
    'kill',
    'ps',
    'touch',
    'ip',
    'hostname',
    'wc',
    'yes',
    'true',
  ])
    symlinkSync('busybox', join(folder, 'bin', name));
  writeFileSync(
    join(folder, 'etc/passwd'),
    'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n',
  );
  writeFileSync(join(folder, 'etc/group'), 'root:x:0:\nalice:x:1000:\nwheel:x:10:alice\n');
  fill(folder);
  execFileSync('mkfs.ext4', ['-q', '-F', '-d', folder, path, `${megabytes}M`]);
  rmSync(folder, { recursive: true });
}

export async function startVm(options: {
  readonly config: GuestConfig;
  readonly root: string;
  readonly grownTo?: number;
  /** Gives no credit until released. */
  readonly slow?: boolean;
  readonly drives?: readonly TestDrive[];
  /** On QEMU's microvm, with the rate of the time stamp counter in kHz; absent: on pc. */
  readonly microvm?: { readonly tscKhz: number };
}): Promise<TestVm> {
  const folder = mkdtempSync(join(tmpdir(), 'ignite-vm-'));
  const kernel = await testKernel();
  const initrd = join(folder, 'initrd');
  await createGuest({ initPath: INIT }).buildInitrd(
    { kernel, config: options.config, path: initrd },
    AbortSignal.timeout(180_000),
  );
  if (options.grownTo !== undefined) truncateSync(options.root, options.grownTo);
  const [facts, link] = await Promise.all([listen(join(folder, 'facts')), listen(join(folder, 'link'))]);
  const qemu = spawn('qemu-system-x86_64', qemuArguments(folder, kernel.vmlinux, initrd, options), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let console = '';
  qemu.stdout.on('data', (piece: Buffer) => (console += piece.toString('latin1')));
  qemu.stderr.on('data', (piece: Buffer) => (console += piece.toString('latin1')));
  const ended = once(qemu, 'exit').then(() => {});
  const [factsSocket, linkSocket] = await Promise.all([facts.socket, link.socket]);
  return {
    link: linkSocket,
    facts: collectFacts(factsSocket, options.slow !== true),
    console: () => console,
    ended,
    qemu,
    resize: (drive, bytes) => resizeDrive(join(folder, 'qmp'), drive, bytes),
    async [Symbol.asyncDispose]() {
      qemu.kill('SIGKILL');
      await ended;
      facts.close();
      link.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function qemuArguments(
  folder: string,
  vmlinux: string,
  initrd: string,
  options: Pick<Parameters<typeof startVm>[0], 'root' | 'drives' | 'microvm'>,
): string[] {
  const drives = [...(options.drives ?? []), { index: 0, path: options.root }]; // the root last: its name must not matter
  const { microvm } = options;
  const device = (name: string, slot: number, more: string) =>
    microvm === undefined ? `${name}-pci,${more}` : virtio('microvm', name, slot, more);
  const rate = microvm === undefined ? '' : ` no_timer_check tsc_early_khz=${microvm.tscKhz}`;
  return [
    ...(microvm === undefined ? ['-M', 'pc'] : traitsOf('microvm').words),
    '-accel',
    'tcg,tb-size=64',
    '-cpu',
    'max',
    '-m',
    '256',
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-no-reboot',
    '-serial',
    'stdio',
    '-kernel',
    vmlinux,
    '-initrd',
    initrd,
    '-append',
    `console=ttyS0 quiet reboot=t panic=-1 tsc=reliable net.ifnames=0${rate}`,
    '-qmp',
    `unix:${join(folder, 'qmp')},server=on,wait=off`,
    ...drives.flatMap((drive, position) => driveArguments(drive, device, driveSlot(position))),
    '-device',
    device('virtio-serial', CHANNELS_SLOT, 'id=channels'),
    '-chardev',
    `socket,id=facts,path=${join(folder, 'facts')}`,
    '-device',
    'virtserialport,chardev=facts,name=org.ignite.facts',
    '-chardev',
    `socket,id=link,path=${join(folder, 'link')}`,
    '-device',
    'virtserialport,chardev=link,name=org.ignite.link',
  ];
}

function driveArguments(
  { index, path, readOnly = false }: TestDrive,
  device: (name: string, slot: number, more: string) => string,
  slot: number,
): string[] {
  return [
    '-drive',
    `file=${path},format=raw,if=none,id=d${index},cache=unsafe,readonly=${readOnly ? 'on' : 'off'}`,
    '-device',
    device('virtio-blk', slot, `drive=d${index},serial=ign${index}`),
  ];
}

async function resizeDrive(path: string, drive: number, size: number): Promise<void> {
  const socket = createConnection(path);
  const commands = [
    { execute: 'qmp_capabilities' },
    { execute: 'block_resize', arguments: { device: `d${drive}`, size } },
  ];
  let text = '';
  for (const command of commands) {
    socket.write(JSON.stringify(command));
    const answers = text.split('"return"').length;
    while (text.split('"return"').length === answers) {
      const [piece] = (await once(socket, 'data', { signal: AbortSignal.timeout(180_000) })) as [Buffer];
      text += piece.toString();
      if (text.includes('"error"')) throw new Error(text);
    }
  }
  socket.destroy();
}

async function listen(path: string): Promise<{ socket: Promise<Socket>; close: () => void }> {
  const server = createServer();
  const socket = once(server, 'connection').then(([accepted]) => accepted as Socket);
  server.listen(path);
  await once(server, 'listening');
  return { socket, close: () => server.close() };
}

function collectFacts(socket: Socket, credits: boolean): Facts {
  let owed = credits ? undefined : 0;
  const parser = createFrameParser();
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  const notes: string[] = [];
  let token: string | undefined;
  const ready = Promise.withResolvers<ReadonlyMap<string, number>>();
  const done = Promise.withResolvers<ExitStatus>();
  const intent = Promise.withResolvers<number | undefined>();
  socket.on('error', () => {});
  socket.on('data', (piece: Buffer) => {
    for (const frame of parser.push(piece)) {
      if (frame.type === FRAME.TOKEN) token = Buffer.from(frame.payload).toString('hex');
      if (frame.type === FRAME.NOTE) notes.push(decodeTlv(frame.payload).text(TAG.TEXT) ?? '');
      if (frame.type === FRAME.DONE) done.resolve(decodeExit(frame));
      if (frame.type === FRAME.INTENT) intent.resolve(decodeTlv(frame.payload).number(TAG.INTENT));
      if (frame.type === FRAME.READY) ready.resolve(stagesOf(frame.payload));
      if (frame.type !== FRAME.LOG) continue;
      const log = decodeLog(frame);
      (log.stream === 1 ? out : err).push(Buffer.from(log.bytes));
      if (owed === undefined) socket.write(encodeCredit(0, CHANNEL.OUT, log.bytes.length));
      else owed += log.bytes.length;
    }
  });
  return {
    token: () => token,
    notes,
    stdout: () => Buffer.concat(out),
    stderr: () => Buffer.concat(err),
    release: () => {
      if (owed !== undefined) socket.write(encodeCredit(0, CHANNEL.OUT, owed));
      owed = undefined;
    },
    close: () => socket.destroy(),
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
    ready: ready.promise,
    done: done.promise,
    intent: intent.promise,
  };
}

function stagesOf(payload: Uint8Array): ReadonlyMap<string, number> {
  const stages = new Map<string, number>();
  let name = '';
  for (const { tag, value } of decodeTlv(payload).records) {
    if (tag === TAG.STAGE) name = new TextDecoder().decode(value);
    if (tag === TAG.STAGE_MS) stages.set(name, Buffer.from(value).readUInt32LE());
  }
  return stages;
}
