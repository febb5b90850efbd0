// One blob from a registry into a file: verified, resumed where it was cut, reported as it comes.
import type { Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { IgniteError, isIgniteError, type Report } from '@ignite/api';
import type { Clock } from '../host/index.ts';
import { shortDigest } from './digest.ts';
import { diskFull } from './disk-space.ts';
import { type RegistrySession, unreachable, withRetry } from './registry/index.ts';
import type { Descriptor } from './schema.ts';
import type { Caller } from '../work/index.ts';

/** A download as far as it has come; a run that was broken off is taken up again. */
export interface Growth {
  readonly path: string;
  /** Of the bytes received so far. */
  readonly hash: Hash;
  received: number;
  /** Mirrors that sent some of them. */
  readonly mirrors: Set<string>;
  readonly listeners: Set<() => void>;
}

export interface DownloadDeps {
  readonly clock: Clock;
  readonly attempts: number;
  readonly backoffMs: number;
}

/**
 * Downloads what is missing; the file is then whole, verified and synced.
 * @throws IgniteError `images/registry-down`, `images/digest-mismatch`, `host/disk-full`, `host/cancelled`, …
 */
export async function downloadBlob(
  blob: Descriptor,
  growth: Growth,
  session: RegistrySession,
  deps: DownloadDeps,
  { report, signal }: Caller,
): Promise<void> {
  await using file = await open(growth.path, 'r+');
  const tell = progressOf(blob, report);
  const tired = new Set<string>();
  let resumable = true;
  const take = async (chunk: Uint8Array) => {
    if (growth.received + chunk.length > blob.size) throw longer(blob, growth, session);
    await writeAll(file, chunk, growth.received, growth.path);
    growth.hash.update(chunk);
    growth.received += chunk.length;
    tell(growth.received);
    for (const listener of growth.listeners) listener();
  };
  await withRetry({ ...deps, signal, met: true }, async (progressed) => {
    let mirror: string | undefined;
    let brought = false;
    try {
      const from = resumable ? growth.received : 0;
      const stream = await session.blob(blob.digest, from, signal, tired);
      mirror = stream.mirror;
      if (mirror !== undefined) growth.mirrors.add(mirror);
      let skip = growth.received - stream.offset;
      for await (const chunk of stream.body) {
        const fresh = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - fresh.length;
        if (fresh.length === 0) continue;
        await take(fresh);
        brought = true;
        progressed();
      }
      if (growth.received < blob.size) throw cut(blob, growth.received, session.registry);
    } catch (error) {
      if (mirror !== undefined && !brought) tired.add(mirror); // it breaks here each time: continue with the next mirror
      if (isIgniteError(error) && error.details['cannotResume'] === true) resumable = false;
      throw unreachable(error, session.registry, signal);
    }
  });
  const found = `sha256:${growth.hash.copy().digest('hex')}`;
  if (found !== blob.digest)
    throw wrong(blob, growth, `Layer ${blob.digest}: ${senders(growth, session)} sent ${found}`);
  await file.sync();
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number, path: string): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; )
      done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  } catch (cause) {
    throw diskFull(cause, path);
  }
}

function progressOf(blob: Descriptor, report: Report): (done: number) => void {
  const step = Math.max(512 << 10, Math.floor(blob.size / 100));
  let next = 0;
  return (done) => {
    if (done < next && done < blob.size) return;
    next = done + step;
    const id = shortDigest(blob.digest);
    report({ kind: 'bytes', id, label: `${id} Downloading`, done, total: blob.size });
  };
}

function longer(blob: Descriptor, growth: Growth, session: RegistrySession): IgniteError {
  return wrong(
    blob,
    growth,
    `Layer ${blob.digest}: ${senders(growth, session)} sent more than the ${blob.size} bytes its manifest tells`,
  );
}

function wrong({ digest }: Descriptor, { mirrors }: Growth, message: string): IgniteError {
  return new IgniteError('images/digest-mismatch', message, {
    details: { wanted: digest, mirrors: [...mirrors] },
  });
}

function senders({ mirrors }: Growth, { registry }: RegistrySession): string {
  return mirrors.size === 0 ? registry : [...mirrors].join(', ');
}

function cut(blob: Descriptor, received: number, registry: string): IgniteError {
  return new IgniteError(
    'images/registry-down',
    `Layer ${blob.digest}: ${registry} ended after ${received} of ${blob.size} bytes`,
    { details: { registry, received, size: blob.size } },
  );
}
