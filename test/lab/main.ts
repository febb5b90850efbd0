// `make test-lab`: boots the lab with the built Ignite and runs the tests of test/lab/tests in it. `make test-vmm
// VMM=firecracker BIN=FILE JAILER=FILE` puts a real VMM into it, too; without one the suite says so and still passes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runLab } from './machine.ts';
import { makePayload } from './payload.ts';

const TIMEOUT_MS = 30 * 60_000;
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x64';
const ROOT = resolve(import.meta.dirname, '../..');

const { VMM = '', BIN = '', JAILER = '', VERSION = '1.0.0' } = process.env;
if (VMM !== '' && (VMM !== 'firecracker' || BIN === '' || JAILER === ''))
  throw new Error('Type: make test-vmm VMM=firecracker BIN=FILE JAILER=FILE');
if (VMM === '') console.log('No Firecracker was given (make test-vmm): its part is passed over.');

const scratch = await mkdtemp(join(tmpdir(), 'ignite-lab-'));
try {
  await makePayload(join(scratch, 'payload'), {
    tarball: join(ROOT, `build/ignite-${VERSION}-linux-${ARCHITECTURE}.tar.gz`),
    programs:
      VMM === ''
        ? []
        : [
            { path: resolve(BIN), name: 'firecracker' },
            { path: resolve(JAILER), name: 'jailer' },
          ],
    tests: ['contract.test.ts'],
  });
  const onOutput = (text: string) => process.stdout.write(text);
  const code = await runLab({ payload: join(scratch, 'payload'), scratch, timeoutMs: TIMEOUT_MS, onOutput });
  if (code === undefined) console.error('The lab ended before its tests did.');
  process.exitCode = code ?? 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}
