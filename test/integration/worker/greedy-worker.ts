// A worker that takes its identity and its bounds as the real one does, and then tries to take more. What it tries is the
// folder of its job.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeSync } from 'node:fs';
import { limitSelf } from '../../../engine/src/host/index.ts';
import { dropRights } from '../../../engine/src/worker/drop-rights.ts';
import { asFailure } from '../../../engine/src/worker/failure.ts';
import { readToWorker, type FromWorker, type Job } from '../../../engine/src/worker/messages.ts';

const PIECE = 8 << 20;
const OUTPUT = 4;
/** A file of one block that is longer than the bound of a job of 1 byte. */
const BEYOND = 9 * 2 ** 30;

/** What each way to be greedy says when nothing stopped it. */
const TRIES: Readonly<Record<string, () => string>> = {
  memory() {
    const held: Buffer[] = [];
    for (let n = 0; n < 64; n += 1) held.push(Buffer.alloc(PIECE, n));
    return `held ${held.length} pieces`;
  },
  processes() {
    const { error } = spawnSync('true');
    return error !== undefined && 'code' in error ? String(error.code) : 'started a process';
  },
  file() {
    process.on('SIGXFSZ', () => {});
    writeSync(OUTPUT, 'x', BEYOND);
    return 'wrote a file';
  },
  limits: () => readFileSync('/proc/self/limits', 'utf8'),
};

async function work(job: Job): Promise<FromWorker> {
  dropRights(job.user);
  const name = TRIES['folder' in job ? job.folder : '']?.() ?? 'is asked for nothing';
  return { type: 'unpacked', archive: { files: [{ name, file: 0, size: 0 }] } };
}

process.once('message', (raw) => {
  const message = readToWorker(raw);
  if (message?.type !== 'job') return process.exit(1);
  limitSelf(message.bounds)
    .then(() => work(message.job))
    .catch(asFailure)
    .then((answer) => process.send?.(answer, () => process.exit(0)));
});
