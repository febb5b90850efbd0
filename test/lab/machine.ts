// One boot of the lab: the base under QEMU's TCG with an AMD that has SVM, so that it has a /dev/kvm that works; a
// payload drive goes in, its output and a status come out by virtio-serial.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { labBase } from './base.ts';

export interface LabRun {
  /** Folder whose content the lab mounts at /payload; it must hold the program `run`. */
  readonly payload: string;
  /** Where the payload's drive is while the lab runs. */
  readonly scratch: string;
  /** Where the console and the payload's folder `results` are kept; absent: nowhere. */
  readonly results?: string;
  readonly timeoutMs: number;
  readonly onOutput: (text: string) => void;
  /** Free space of the payload drive. */
  readonly freeMebibytes?: number;
  /** Disk image in qcow2 that keeps what is written to the root file system; absent: it is dropped. */
  readonly disk?: string;
  /** Takes the power away. */
  readonly signal?: AbortSignal;
}

const MEMORY = '3072M';
const CPUS = '2';
const PAYLOAD_MEBIBYTES = 1024;

/** Boots, runs the payload, powers off. @returns the payload's exit status; undefined where the lab ended before it did */
export async function runLab(run: LabRun): Promise<number | undefined> {
  const base = await labBase();
  await mkdir(run.scratch, { recursive: true });
  const drive = join(run.scratch, 'payload.ext4');
  const status = join(run.scratch, 'status');
  await rm(status, { force: true });
  await makeDrive(run.payload, drive, run.freeMebibytes ?? PAYLOAD_MEBIBYTES);
  const child = spawn('qemu-system-x86_64', await words(base, drive, run, status), {
    stdio: ['pipe', 'pipe', 'ignore'], // at the end of its input QEMU closes the output, too,
  });
  child.stdout.setEncoding('utf8').on('data', run.onOutput);
  const timer = setTimeout(() => child.kill('SIGKILL'), run.timeoutMs);
  const cut = () => child.kill('SIGKILL');
  run.signal?.addEventListener('abort', cut, { once: true });
  try {
    await once(child, 'exit');
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', cut);
    if (run.results !== undefined) await keepResults(drive, run.scratch, run.results);
    await rm(drive, { force: true });
  }
  const text = await readFile(status, 'utf8').catch(() => '');
  return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** The payload's folder `results` is read out of its drive without mounting it (debugfs(8)). */
async function keepResults(drive: string, scratch: string, results: string): Promise<void> {
  await mkdir(results, { recursive: true });
  await copyFile(join(scratch, 'console'), join(results, 'console.log')).catch(() => {}); // it never came up
  await program('e2fsck', ['-fy', drive], [0, 1]);
  await program('debugfs', ['-R', `rdump /results ${results}`, drive]);
}

async function words(
  base: Awaited<ReturnType<typeof labBase>>,
  drive: string,
  { scratch, disk }: LabRun,
  status: string,
) {
  const root = disk === undefined ? `file=${base.root},format=raw,snapshot=on` : `file=${disk},format=qcow2`;
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-m', MEMORY, '-smp', CPUS],
    ...['-machine', 'q35,graphics=off', ...(await accelerator())],
    ...['-kernel', base.kernel, '-initrd', base.initrd],
    ...['-append', 'console=ttyS0 quiet loglevel=4 panic=-1 tsc=reliable no_timer_check net.ifnames=0'],
    ...['-serial', `file:${join(scratch, 'console')}`],
    ...['-drive', `${root},if=virtio`],
    ...['-drive', `file=${drive},format=raw,if=virtio`],
    ...['-device', 'virtio-serial-pci', '-chardev', 'stdio,id=output,signal=off'],
    ...[
      '-device',
      'virtserialport,chardev=output,name=lab.output',
      '-chardev',
      `file,id=status,path=${status}`,
    ],
    ...['-device', 'virtserialport,chardev=status,name=lab.status'],
    ...['-object', 'rng-random,id=entropy,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=entropy'],
  ];
}

/** The host's own KVM is taken where somebody says that it works and nests: LAB_ACCEL=kvm. */
async function accelerator(): Promise<readonly string[]> {
  if (process.env['LAB_ACCEL'] !== 'kvm') return ['-accel', 'tcg,thread=multi', '-cpu', 'EPYC,+svm'];
  await access('/dev/kvm');
  return ['-accel', 'kvm', '-cpu', 'host'];
}

async function makeDrive(folder: string, path: string, free: number): Promise<void> {
  await rm(path, { force: true });
  const size = await sizeOf(folder);
  const mebibytes = Math.ceil(size / (1 << 20)) + free;
  await program('mkfs.ext4', ['-q', '-F', '-m', '0', '-d', folder, path, `${mebibytes}M`]);
}

async function sizeOf(folder: string): Promise<number> {
  const text = await program('du', ['-sk', '--apparent-size', folder]);
  return Number(text.split('\t')[0]) * 1024;
}

async function program(
  name: string,
  args: readonly string[],
  okCodes: readonly number[] = [0],
): Promise<string> {
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const [code] = await once(child, 'close');
  if (!okCodes.includes(Number(code)))
    throw new Error(`${name} ${args.join(' ')} ended with ${String(code)}`);
  return text;
}
