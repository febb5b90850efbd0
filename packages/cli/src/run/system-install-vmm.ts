// `ignite system install-vmm`: the archive, its checksum, the programs in their place.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';
import { installVmm, knownReleases, releaseDigest, releaseUrl, USUAL_RELEASE } from '../system/index.ts';

const FOLDER = '/usr/local/bin';
const DOWNLOAD_MS = 10 * 60_000;
/** Releases are below 10 MiB. */
const MAX_BYTES = 128 << 20;

export async function run(context: CommandContext): Promise<number> {
  const { flags, operands, out, host, signal } = context;
  if (operands[0] !== 'firecracker')
    throw new IgniteError('cli/unknown-vmm', `There is no ${operands[0]} to install; there is: firecracker`);
  const folder = resolve(host.cwd, flags.string('to') ?? FOLDER);
  if (host.uid !== 0 && folder === FOLDER)
    throw new IgniteError('cli/needs-root', `Only root can put programs into ${FOLDER}`);
  const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const asked = flags.string('version')?.replace(/^v/, '');
  const from = flags.string('from');
  const wanted = from === undefined ? (asked ?? USUAL_RELEASE) : asked;
  const must = flags.string('sha256')?.toLowerCase();
  const archive =
    from === undefined
      ? await download(wanted ?? USUAL_RELEASE, architecture, must, signal)
      : await read(resolve(host.cwd, from));
  const digest = createHash('sha256').update(archive).digest('hex');
  if (must !== undefined && must !== digest) throw wrongDigest(from ?? 'What came', digest, must);
  const { version, programs } = await installVmm(archive, folder, wanted, signal);
  const known = releaseDigest(version, architecture) === digest;
  out.note(`sha256 ${digest}: ${known ? `release ${version}` : 'no release that Ignite knows'}`);
  out.data(`Firecracker ${version}: ${programs.join(', ')}`);
  return 0;
}

async function download(
  version: string,
  architecture: string,
  must: string | undefined,
  signal: AbortSignal,
): Promise<Buffer> {
  const digest = must ?? releaseDigest(version, architecture);
  if (digest === undefined)
    throw new IgniteError(
      'cli/unknown-vmm',
      `No checksum of Firecracker ${version} for ${architecture} is known; known: ${knownReleases(architecture).join(', ')}`,
    );
  const url = releaseUrl(version, architecture);
  const bytes = await fetched(url, AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_MS)]));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== digest) throw wrongDigest(url, found, digest);
  return bytes;
}

async function fetched(url: string, signal: AbortSignal): Promise<Buffer> {
  try {
    const answer = await fetch(url, { signal });
    if (!answer.ok || answer.body === null) throw new Error(`HTTP ${answer.status}`);
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of answer.body) {
      size += piece.byteLength;
      if (size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  } catch (cause) {
    throw new IgniteError('cli/download-failed', `${url} could not be fetched`, { cause });
  }
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new IgniteError('cli/file-unreadable', `${path} cannot be read`, { cause });
  }
}

function wrongDigest(what: string, found: string, wanted: string): IgniteError {
  return new IgniteError(
    'cli/wrong-checksum',
    `${what} has sha256 ${found}, not ${wanted}: nothing was installed`,
  );
}
