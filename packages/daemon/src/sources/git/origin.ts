// A Git repository as a source of manifests: one look asks the server for the tip of the branch, and only another tip
// is fetched.
import { type GitSource, IgniteError, isIgniteError } from '@ignite/api';
import type { Commands, SourcePlace } from '@ignite/engine';
import type { Listing, Origin } from '../port.ts';
import { hostname } from 'node:os';
import { gitEnvironment } from './git-environment.ts';
import { type GitUrl, parseGitUrl } from './git-url.ts';
import { createWriter } from './writer.ts';
import { type Head, openRepository, type Repository } from './repository.ts';

const INTERVAL_SECONDS = 30;
const TIMEOUT_SECONDS = 60;
const FETCH_ATTEMPTS = 3;

export interface GitOriginInput {
  readonly source: GitSource;
  readonly commands: Commands;
  readonly place: (manager: string) => Promise<SourcePlace>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The manager of a repository's VMs: the same whatever the branch and the way to authenticate. */
function gitManager({ url }: GitUrl, path: string | undefined): string {
  return `git:${url}${path === undefined ? '' : `//${path}`}`;
}

/** @throws IgniteError `source/bad-url`, `source/bad-path` */
export async function gitOrigin({ source, commands, place, environment }: GitOriginInput): Promise<Origin> {
  const url = parseGitUrl(source.url);
  const path = subPath(source.path);
  const manager = gitManager(url, path);
  const { git, gitConfig } = await place(manager);
  const repository = openRepository({
    commands,
    folder: git,
    url: url.url,
    ...(source.branch === undefined ? {} : { branch: source.branch }),
    ...(path === undefined ? {} : { path }),
    environment: gitEnvironment(source, url, gitConfig, environment),
    timeoutMs: (source.timeout ?? TIMEOUT_SECONDS) * 1000,
  });
  let before: Head | undefined;
  const branch = () => before?.branch ?? source.branch;
  const host = hostname();
  const { writeBack: mode, writeBranch: ownBranch = `ignite/${host}` } = source;
  if (mode === 'branch' && ownBranch === source.branch)
    throw new IgniteError(
      'source/bad-path',
      `${ownBranch} is the followed branch; --write-back=main writes there`,
    );
  return {
    manager,
    kind: 'git',
    branch,
    ...(mode === undefined
      ? {}
      : {
          writer: createWriter({
            repository,
            folder: git,
            url,
            path,
            mode,
            ownBranch,
            followed: branch,
            host,
          }),
        }),
    intervalMs: (source.interval ?? INTERVAL_SECONDS) * 1000,
    list: async (signal) => {
      const head = await newHead(repository, before, signal);
      if (head === undefined) return undefined;
      const listing = await listingOf(repository, head, before, path, signal);
      before = head;
      return listing;
    },
  };
}

/** The tip, brought here; undefined: the one of before. A branch that is rewritten meanwhile is asked for again. */
async function newHead(
  repository: Repository,
  before: Head | undefined,
  signal: AbortSignal,
): Promise<Head | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const head = await repository.head(signal);
    if (head.revision === before?.revision && head.branch === before.branch) return undefined;
    try {
      await repository.fetch(head, signal);
      return head;
    } catch (error) {
      if (!isIgniteError(error, 'source/pushed-meanwhile') || attempt === FETCH_ATTEMPTS) throw error;
    }
  }
}

async function listingOf(
  repository: Repository,
  head: Head,
  before: Head | undefined,
  path: string | undefined,
  signal: AbortSignal,
): Promise<Listing> {
  const { files, problems } = await repository.files(head.revision, signal);
  const rewritten =
    before !== undefined &&
    before.branch === head.branch &&
    !(await repository.follows(before.revision, head.revision, signal));
  return {
    revision: head.revision,
    files,
    problems,
    read: (wanted, readSignal) => repository.read(wanted, readSignal),
    notes: [
      ...(rewritten
        ? [`the history of ${head.branch} was rewritten; ${before.revision.slice(0, 12)} is gone from it`]
        : []),
      ...(path !== undefined && files.length === 0
        ? [`there is no folder ${path} in ${head.revision.slice(0, 12)}`]
        : []),
    ],
  };
}

function subPath(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const clean = path.replace(/^\.?\/+|\/+$/g, '');
  if (clean === '' || clean === '.') return undefined;
  if (
    clean.split('/').some((part) => part === '..' || part === '' || part.startsWith('-')) ||
    clean.startsWith(':')
  )
    throw new IgniteError('source/bad-path', `"${path}" is no folder of a repository`);
  return clean;
}
