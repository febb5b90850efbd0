// Starts a greedy worker for each of the words it is given and prints what becomes of it, as JSON. A program of its own, so
// that a test can be an ordinary user.
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isIgniteError } from '@ignite/api';
import { hostCommands } from '../../../engine/src/host/index.ts';
import { createWorkers } from '../../../engine/src/worker/index.ts';
import { WORKER } from '../images/fixture.ts';

const limits = {
  maxEntries: 1,
  maxUnpackedBytes: 1,
  maxRatio: 1,
  ratioFreeBytes: 1,
  devices: 'refuse',
} as const;
const workers = createWorkers({
  module: join(import.meta.dirname, 'greedy-worker.ts'),
  user: WORKER,
  memoryBytes: 256 << 20,
  atOnce: 1,
  commands: hostCommands(),
});

const folder = await mkdtemp(join(tmpdir(), 'ignite-greedy-'));
try {
  await using output = await open(join(folder, 'output'), 'wx+');
  const tried: Record<string, string> = {};
  for (const word of process.argv.slice(2)) {
    const job = { kind: 'unpack' as const, folder: word, limits };
    const run = { job, descriptors: [output.fd], signal: AbortSignal.timeout(120_000) };
    tried[word] = await workers.run(run).then(
      (answer) => (answer.type === 'unpacked' ? (answer.archive.files[0]?.name ?? '') : answer.type),
      (error: unknown) => (isIgniteError(error) ? `${error.code}: ${error.message}` : String(error)),
    );
  }
  process.stdout.write(JSON.stringify(tried));
} finally {
  await rm(folder, { recursive: true });
}
