// The import worker: a process of its own that reads untrusted input. It gets one job and its descriptors, reports progress,
// answers, and ends.
import { limitSelf } from '../host/index.ts';
import { convert, exportFiles } from '../images/convert/index.ts';
import { writePlain } from '../images/sources/plain-archive.ts';
import { unpackArchive } from '../images/sources/unpack-archive.ts';
import { parseKernel } from '../kernels/parse/index.ts';
import { dropRights } from './drop-rights.ts';
import { asFailure } from './failure.ts';
import { growingFile } from './growing-file.ts';
import { type FromWorker, type KernelJob, readToWorker, type ToWorker } from './messages.ts';

const OUTPUT = 4;
const FIRST_LAYER = 5;
const ALIVE_MS = 5_000;
const PROGRESS_STEP = 4 << 20;

const tell = (message: FromWorker): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (process.send === undefined) throw new Error('The worker is started by the daemon only');
  process.send(message, () => resolve()); // an error means that the daemon is gone, and disconnect ends us
  return promise;
};

interface Received extends Pick<Extract<ToWorker, { type: 'job' }>, 'job' | 'bounds'> {
  onGrown(take: (layer: number, bytes: number) => void): void;
}

/** Receives the job, and then how far its layers have come. */
function receive(): Promise<Received> {
  const { promise, resolve, reject } = Promise.withResolvers<Received>();
  const early: (readonly [number, number])[] = [];
  let take = (layer: number, bytes: number): void => {
    early.push([layer, bytes]);
  };
  const onGrown = (later: typeof take) => {
    take = later;
    for (const [layer, bytes] of early.splice(0)) take(layer, bytes);
  };
  process.on('message', (raw) => {
    const message = readToWorker(raw);
    if (message === undefined) reject(new Error('The worker was told what it does not understand'));
    if (message?.type === 'job') resolve({ ...message, onGrown });
    if (message?.type === 'grown') take(message.layer, message.bytes);
  });
  return promise;
}

function reportFrom(layer: number, size: number): (bytes: number) => void {
  let next = PROGRESS_STEP;
  return (bytes) => {
    if (bytes < next && bytes < size) return;
    next = bytes + PROGRESS_STEP;
    void tell({ type: 'progress', layer, bytes });
  };
}

/** Three to write to, then the files. */
function descriptors({ files }: KernelJob): readonly number[] {
  return Array.from({ length: 3 + files }, (_, index) => OUTPUT + index);
}

async function work(): Promise<FromWorker> {
  const { job, bounds, onGrown } = await receive();
  await limitSelf(bounds);
  // From here on its folder is `.`: the way to it may be closed to the identity taken next.
  if (job.kind !== 'convert') process.chdir(job.folder);
  dropRights(job.user);
  if (job.kind === 'unpack')
    return { type: 'unpacked', archive: await unpackArchive(process.stdin, '.', job.limits) };
  if (job.kind === 'plain')
    return { type: 'unpacked', archive: await writePlain(process.stdin, '.', job.limits) };
  if (job.kind === 'kernel')
    return { type: 'kernel', kernel: await parseKernel({ ...job, folder: '.' }, descriptors(job)) };
  const inputs = job.layers.map((layer, index) =>
    growingFile(FIRST_LAYER + index, layer.size, reportFrom(index, layer.size)),
  );
  onGrown((layer, bytes) => inputs[layer]?.grown(bytes));
  if (job.kind === 'convert') return { type: 'converted', found: await convert(job, inputs, OUTPUT) };
  await exportFiles({ ...job, folder: '.' }, inputs, OUTPUT);
  return { type: 'exported' };
}

process.once('disconnect', () => process.exit(1));
// Waiting for a layer to grow keeps no handle open; the channel does.
process.channel?.ref();
const answer = work().catch(asFailure);
void tell({ type: 'alive' });
setInterval(() => void tell({ type: 'alive' }), ALIVE_MS).unref();
await tell(await answer);
process.exit(0);
