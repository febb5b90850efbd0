// `make test-lab`: boots the lab with the built Ignite and runs the tests of test/lab/tests in it. `make test-vmm
// VMM=firecracker BIN=FILE JAILER=FILE` (or `VMM=cloud-hypervisor BIN=FILE`) puts a real VMM into it and runs its contract
// alone; without one the suite says so and still passes. TESTS=NAME,… chooses files; KERNEL=own tries VMs with the kernel of
// `make kernel` alone, KERNEL=distribution without it. Output, the lab's console and what its VMs logged stay in build/lab/results.
import { execFileSync } from 'node:child_process';
import { access, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cachedKernel } from '../../images/microvm-kernel/cache.ts';
import { LAB_FOLDER } from './base.ts';
import { runLab } from './machine.ts';
import { ATTEMPTS, ownPanic } from './own-panic.ts';
import { makePayload } from './payload.ts';

const TIMEOUT_MS = 60 * 60_000;
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x64';
const ROOT = resolve(import.meta.dirname, '../..');

const { VMM = '', BIN = '', JAILER = '', VERSION = '1.0.0', TESTS = '', KERNEL = '' } = process.env;

/** As it is when the lab begins: somebody may commit meanwhile. */
const commit = commitNow();
const programs = await programsAsked();
const tests = await testsAsked();
const kernels = await kernelsAsked();
const results = join(LAB_FOLDER, 'results', VMM === '' ? 'lab' : VMM);
await rm(results, { recursive: true, force: true });
const scratch = await mkdtemp(join(tmpdir(), 'ignite-lab-'));
try {
  process.exitCode = await run();
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function run(): Promise<number> {
  const payload = join(scratch, 'payload');
  const tarball = join(ROOT, `build/ignite-${VERSION}-linux-${ARCHITECTURE}.tar.gz`);
  await makePayload(payload, { tarball, programs, tests, ...kernels, ...(VMM === '' ? {} : { vmm: VMM }) });
  for (let attempt = 1; ; attempt += 1) {
    const code = await runOnce(payload);
    if (code !== undefined) return code;
    const panic = await ownPanic(results);
    console.error(
      `The lab ended before its tests did${panic === undefined ? '' : `: its kernel panicked (${panic})`}.`,
    );
    if (panic === undefined || attempt === ATTEMPTS) return 1;
    await rename(join(results, 'console.log'), join(results, `console-${attempt}.log`));
    console.error('Once more: its emulated processor is the likely cause.');
  }
}

/** One boot and all tests. @returns undefined where it ended before them */
async function runOnce(payload: string): Promise<number | undefined> {
  const begun = performance.now();
  const output: string[] = [];
  const onOutput = (text: string) => {
    output.push(text);
    process.stdout.write(text);
  };
  const code = await runLab({ payload, scratch, results, timeoutMs: TIMEOUT_MS, onOutput });
  await writeFile(join(results, 'output.log'), output.join(''));
  const seconds = Math.round((performance.now() - begun) / 1000);
  console.log(`${commit}: ${seconds} s; output and logs are in ${results}`);
  return code;
}

async function programsAsked() {
  if (VMM === '') {
    console.log('No VMM was given (make test-vmm): what needs one is passed over.');
    return [];
  }
  if (VMM === 'cloud-hypervisor' && BIN !== '') {
    await access(BIN);
    return [{ path: resolve(BIN), name: VMM }];
  }
  if (VMM !== 'firecracker' || BIN === '' || JAILER === '')
    throw new Error(
      'Type: make test-vmm VMM=firecracker BIN=FILE JAILER=FILE, or VMM=cloud-hypervisor BIN=FILE',
    );
  for (const path of [BIN, JAILER]) await access(path);
  return [
    { path: resolve(BIN), name: 'firecracker' },
    { path: resolve(JAILER), name: 'jailer' },
  ];
}

async function testsAsked(): Promise<readonly string[]> {
  const there = (await readdir(join(ROOT, 'test/lab/tests'))).filter((name) => name.endsWith('.test.ts'));
  if (TESTS === '') return there.toSorted();
  const all = await readdir(join(ROOT, 'test/lab/tests'));
  return TESTS.split(',').flatMap((name) => all.filter((file) => file.startsWith(`${name}.`)));
}

/** Our kernel is tried where it is built: QEMU makes another machine for it. */
async function kernelsAsked(): Promise<{ ownKernel?: string; onlyOwnKernel?: boolean }> {
  if (!['', 'own', 'distribution'].includes(KERNEL)) throw new Error('KERNEL is `own` or `distribution`');
  const ownKernel = KERNEL === 'distribution' ? undefined : await cachedKernel();
  if (ownKernel !== undefined) return { ownKernel, onlyOwnKernel: KERNEL === 'own' };
  if (KERNEL === 'own') throw new Error('There is no kernel of ours: type `make kernel` first');
  if (KERNEL === '') console.log('No kernel of ours is built (make kernel): it is passed over.');
  return {};
}

function commitNow(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    return 'no commit';
  }
}
