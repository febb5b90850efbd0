// The image maker: a distribution's packages become a machine image, without Docker.
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IgniteError, normalizeReference } from '@ignite/api';
import { readTar } from '@ignite/archive';
import { type Clock, type Commands, hasErrno } from '../host/index.ts';
import { type AptSource, mirrorFor, parseDeb822Sources, parseOneLineSources } from './apt-sources.ts';
import { DISTRIBUTIONS, isSuite, suiteFor } from './distributions.ts';
import type { LayerCompression } from './layer-blob.ts';
import { bootstrap } from './mmdebstrap.ts';
import { type RunConfig, writeOciLayout } from './oci-layout.ts';
import type { ImageMaker, MadeImage, MakeMachineRequest } from './port.ts';
import { applyRecipe } from './rootfs-filter.ts';
import { systemdRecipe } from './systemd-recipe.ts';

export interface ImageMakerOptions {
  readonly commands: Commands;
  readonly clock: Clock;
  /** Folder for scratch files, on a file system with a few hundred MiB free; made where missing. */
  readonly scratch: string;
  /** `amd64`, `arm64` */
  readonly architecture: string;
  /** Content of /etc/os-release. */
  readonly osRelease: string;
  /** `/etc/apt` */
  readonly aptFolder: string;
  readonly root: boolean;
  /** How the layer is packed; zstd is quick, gzip is read by every tool. */
  readonly compression: LayerCompression;
  /** SOURCE_DATE_EPOCH of the caller's environment: the newest time in the image. Default: the beginning of the day. */
  readonly epoch?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** systemd's own stop signal for containers, systemd(1) "SIGRTMIN+3: halt". */
const CONFIG: RunConfig = {
  Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  Cmd: ['/sbin/init'],
  StopSignal: 'SIGRTMIN+3',
};
const DAY = 86_400;

/** The image maker of a host; makes nothing before it is asked. */
export function createImageMaker(options: ImageMakerOptions): ImageMaker {
  return { machine: (request) => makeMachineImage(options, request) };
}

async function makeMachineImage(options: ImageMakerOptions, request: MakeMachineRequest): Promise<MadeImage> {
  const distribution = DISTRIBUTIONS[request.distribution];
  const suite = request.suite ?? suiteFor(distribution, options.osRelease);
  checkWords(suite, request);
  const reference = normalizeReference(request.reference ?? `ignite-${distribution.name}:${suite}`);
  const epoch = options.epoch ?? Math.floor(options.clock.now().getTime() / 1000 / DAY) * DAY;
  const mirror =
    request.mirror ?? mirrorFor(await readAptSources(options.aptFolder), suite) ?? distribution.mirror;
  await mkdir(options.scratch, { recursive: true });
  const folder = await mkdtemp(join(options.scratch, 'make-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const tar = join(folder, 'root.tar');
    await bootstrap(options.commands, {
      ...options,
      ...request,
      distribution,
      suite,
      mirror,
      packages: [...systemdRecipe.packages, ...(request.packages ?? [])],
      target: tar,
      // in a user namespace mmdebstrap is another uid, which our folder does not let in
      scratch: options.root ? folder : tmpdir(),
      epoch,
    });
    request.report({ kind: 'stage', name: 'image' });
    const entries = readTar(createReadStream(tar, { highWaterMark: 1 << 20 }));
    const layout = await writeOciLayout(
      {
        folder: join(folder, 'layout'),
        reference,
        architecture: options.architecture,
        entries: applyRecipe(entries, systemdRecipe, epoch),
        compression: options.compression,
        config: { ...CONFIG, Labels: labels(distribution.name, suite) },
        created: epoch,
        createdBy: `ignite image make ${distribution.name} (mmdebstrap ${suite})`,
      },
      request.signal,
    );
    await rm(tar);
    return {
      folder: layout.folder,
      reference,
      manifestDigest: layout.manifestDigest,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function labels(distribution: string, suite: string): Readonly<Record<string, string>> {
  return {
    'org.opencontainers.image.title': `${distribution} ${suite} machine`,
    'org.opencontainers.image.description': 'systemd and sshd; root has no password',
  };
}

/** What a caller gives goes into a command line and into sources.list. */
function checkWords(suite: string, request: MakeMachineRequest): void {
  const bad = (request.packages ?? []).find((name) => !/^[a-z0-9][a-z0-9+.-]*(=[\w.+:~-]+)?$/.test(name));
  if (bad !== undefined) throw invalid(`${JSON.stringify(bad)} is no package name`);
  if (!isSuite(suite)) throw invalid(`${JSON.stringify(suite)} is no suite`);
  const { mirror } = request;
  if (mirror !== undefined && !/^https?:\/\/[^\s[\]]+$/.test(mirror)) {
    throw invalid(`${JSON.stringify(mirror)} is no http or https address`);
  }
}

function invalid(message: string): IgniteError {
  return new IgniteError('imagemake/invalid', message);
}

async function readAptSources(folder: string): Promise<readonly AptSource[]> {
  const names = (await readOptional(() => readdir(join(folder, 'sources.list.d')))) ?? [];
  const files = ['sources.list', ...names.toSorted().map((name) => `sources.list.d/${name}`)];
  const sources: AptSource[] = [];
  for (const file of files) {
    const text = await readOptional(() => readFile(join(folder, file), 'utf8'));
    if (text === undefined) continue;
    if (file.endsWith('.list')) sources.push(...parseOneLineSources(text));
    if (file.endsWith('.sources')) sources.push(...parseDeb822Sources(text));
  }
  return sources;
}

async function readOptional<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES')) return undefined;
    throw error;
  }
}
