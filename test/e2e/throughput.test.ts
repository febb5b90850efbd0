// Large outputs to readers of any pace: byte for byte, in bounded memory everywhere. IGNITE_E2E_BYTES=1073741824 moves
// a whole gibibyte.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { file } from '../images/index.ts';
import {
  findProcesses,
  IGNITE,
  image,
  place,
  pushBusybox,
  registry,
  runSleeper,
  vmName,
} from './world/index.ts';

const BYTES = Number(process.env['IGNITE_E2E_BYTES'] ?? 256 << 20);
/** How often the slow reader rests, and how long. */
const REST_EVERY = 32 << 20;
const REST_MS = 300;
/**
 * Resident memory that each may have at its peak, in KiB: well below what is moved. A supervisor whose reader is slow holds
 * a window of the link, which takes 5 MiB where it came in the smallest frames.
 */
const MOST_KIB = { cli: 160 << 10, daemon: 260 << 10, spawn: 8 << 10 };

describe('large outputs', () => {
  const vm = vmName({ after }, 'large');
  const foreground = vmName({ after }, 'foreground');
  const content = numbered(BYTES);
  const wanted = createHash('sha256').update(content).digest('hex');

  before(async () => {
    await pushBusybox(registry(), 'large', { Cmd: ['sh'] }, [
      { entries: [file('big', content)], compression: 'zstd' },
    ]);
    await runSleeper(vm, [], 'large');
  });

  test('exec cat to a slow reader', async (t) => {
    const { digest, bytes, peaks } = await read(['exec', vm, 'cat', '/big'], REST_MS);

    assert.deepEqual([bytes, digest], [BYTES, wanted]);
    withinBounds(peaks, t);
  });

  test('run IMAGE cat FILE in the foreground', async (t) => {
    const argv = ['run', '--rm', '--name', foreground, image('large'), 'cat', '/big'];

    const { digest, bytes, peaks } = await read(argv, 0);

    assert.deepEqual([bytes, digest], [BYTES, wanted]);
    withinBounds(peaks, t);
  });
});

/** Numbers in a row: no two blocks are alike, and a lost or doubled one shows. */
function numbered(bytes: number): Buffer {
  const numbers = new Uint32Array(bytes / 4);
  for (let at = 0; at < numbers.length; at += 1) numbers[at] = at;
  return Buffer.from(numbers.buffer);
}

interface Peaks {
  cli: number;
  daemon: number;
  spawn: number;
}

async function read(argv: readonly string[], restMs: number) {
  const started = performance.now();
  const child = spawn(IGNITE, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const sampling = new AbortController();
  const peaks = samplePeaks(child.pid ?? 0, sampling.signal);
  const hash = createHash('sha256');
  let bytes = 0;
  let rested = 0;
  for await (const piece of child.stdout as AsyncIterable<Buffer>) {
    hash.update(piece);
    bytes += piece.length;
    if (restMs > 0 && bytes - rested >= REST_EVERY) {
      rested = bytes;
      await delay(restMs); // a reader that is slow
    }
  }
  sampling.abort();
  assert.equal(await ended, 0);
  return {
    digest: hash.digest('hex'),
    bytes,
    peaks: { ...(await peaks), seconds: (performance.now() - started) / 1000 },
  };
}

/** The highest resident memory seen of each program, in KiB. */
async function samplePeaks(cli: number, signal: AbortSignal): Promise<Peaks> {
  const peaks: Peaks = { cli: 0, daemon: 0, spawn: 0 };
  while (!signal.aborted) {
    peaks.cli = Math.max(peaks.cli, await residentKib(cli));
    for (const { pid, line } of await findProcesses(place().root)) {
      const who = line.includes('ignited') ? 'daemon' : line.includes('ignite-spawn') ? 'spawn' : undefined;
      if (who !== undefined) peaks[who] = Math.max(peaks[who], await residentKib(pid));
    }
    await delay(200, undefined, { signal }).catch(() => {});
  }
  return peaks;
}

async function residentKib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
}

function withinBounds(
  peaks: Peaks & { readonly seconds: number },
  t: { diagnostic(text: string): void },
): void {
  t.diagnostic(`${BYTES >> 20} MiB: ${JSON.stringify(peaks)} KiB resident at most`);
  for (const who of ['cli', 'daemon', 'spawn'] as const)
    assert.ok(peaks[who] > 0 && peaks[who] <= MOST_KIB[who], `${who}: ${peaks[who]} KiB resident`);
}
