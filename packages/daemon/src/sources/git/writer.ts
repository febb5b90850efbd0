// Commits of ours: files upon a revision, made in the bare clone without a work tree, and pushed. A push of somebody
// else is never overwritten: on the followed branch ours is refused by the server, on our own we look first.
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { IgniteError, isIgniteError, type WriteBackMode } from '@ignite/api';
import type { FilesChange, Writer } from '../port.ts';
import type { GitUrl } from './git-url.ts';
import type { Repository } from './repository.ts';

export interface WriterOptions {
  readonly repository: Repository;
  /** Absolute path of the bare clone. */
  readonly folder: string;
  readonly url: GitUrl;
  /** Folder of the repository that is the source's root. */
  readonly path?: string | undefined;
  readonly mode: WriteBackMode;
  /** Our own branch, for mode `branch`. */
  readonly ownBranch: string;
  /** The followed branch, once it is known. */
  readonly followed: () => string | undefined;
  readonly host: string;
}

/** What git says when the branch is not where we saw it. */
const BEHIND = /\[rejected\]|fetch first|non-fast-forward|stale info|cannot lock ref|failed to update ref/;
const FILE_MODE = '100644';

/** The writer of a repository; nothing is written before it is asked to. */
export function createWriter(options: WriterOptions): Writer {
  const { repository, mode, ownBranch } = options;
  const branch = () => (mode === 'branch' ? ownBranch : options.followed());
  return {
    mode,
    branch,
    push: async (change, before, signal) => {
      await checkOwner(options.url);
      const target = branch() ?? '';
      const tree = await writeTree(options, change, signal);
      const same = (await repository.git(['rev-parse', `${change.revision}^{tree}`], signal)).trim();
      if (tree === same) return undefined;
      const commit = await writeCommit(options, change, tree, signal);
      const force = mode === 'branch' ? await ownTip(options, target, before, commit, signal) : '';
      if (force === commit) return commit;
      await send(
        options,
        `${commit}:refs/heads/${target}`,
        mode === 'branch' ? { target, force } : undefined,
        signal,
      );
      return commit;
    },
  };
}

/** The tree of the revision with the files in it. */
async function writeTree(
  { repository, folder, path }: WriterOptions,
  { revision, files }: FilesChange,
  signal: AbortSignal,
): Promise<string> {
  const index = { GIT_INDEX_FILE: `${folder}/index.write-back` };
  await repository.git(['read-tree', revision], signal, undefined, index);
  const rows: string[] = [];
  for (const [name, text] of files) {
    const full = path === undefined ? name : `${path}/${name}`;
    const blob = (await repository.git(['hash-object', '-w', '--stdin'], signal, text)).trim();
    const row = await repository.git(['ls-tree', '-z', '--full-tree', revision, '--', full], signal);
    rows.push(`${/^\d+/.exec(row)?.[0] ?? FILE_MODE} ${blob}\t${full}\0`);
  }
  await repository.git(['update-index', '-z', '--index-info'], signal, rows.join(''), index);
  return (await repository.git(['write-tree'], signal, undefined, index)).trim();
}

/** The same change makes the same commit: its time is the change's. */
async function writeCommit(
  { repository, host }: WriterOptions,
  { revision, message, at, author }: FilesChange,
  tree: string,
  signal: AbortSignal,
): Promise<string> {
  const { name, email } = author ?? { name: `Ignite on ${host}`, email: `ignite@${host}` };
  const identity = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: at,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: at,
  };
  return (
    await repository.git(['commit-tree', tree, '-p', revision, '-F', '-'], signal, message, identity)
  ).trim();
}

/** Where our branch is on the server; empty: nowhere. @throws IgniteError `source/branch-taken` */
async function ownTip(
  { repository, url }: WriterOptions,
  branch: string,
  before: string | undefined,
  commit: string,
  signal: AbortSignal,
): Promise<string> {
  const text = await repository.git(['ls-remote', '--', url.url, `refs/heads/${branch}`], signal);
  const tip = /^[0-9a-f]{40,64}/.exec(text)?.[0] ?? '';
  if (tip === '' || tip === before || tip === commit) return tip;
  throw new IgniteError('source/branch-taken', `The branch ${branch} has commits that are not ours`);
}

async function send(
  { repository, url }: WriterOptions,
  refspec: string,
  own: { readonly target: string; readonly force: string } | undefined,
  signal: AbortSignal,
): Promise<void> {
  const lease = own === undefined ? [] : [`--force-with-lease=refs/heads/${own.target}:${own.force}`];
  try {
    await repository.git(['push', '--quiet', ...lease, '--', url.url, refspec], signal);
  } catch (cause) {
    if (!isIgniteError(cause) || cause.code === 'host/cancelled') throw cause;
    const [code, what] = BEHIND.test(cause.message)
      ? (['source/pushed-meanwhile', 'got a push at the same moment'] as const)
      : (['source/cannot-push', 'did not take our commit'] as const);
    throw new IgniteError(code, `${url.url} ${what}`, { cause });
  }
}

/** A push into a folder runs its hooks and configuration as us, so it must be ours. */
async function checkOwner({ kind, url }: GitUrl): Promise<void> {
  if (kind !== 'file') return;
  const path = fileURLToPath(url);
  const owner = await stat(path).then(
    ({ uid }) => uid,
    () => undefined, // the push will fail if it matters
  );
  if (owner === undefined || owner === process.getuid?.()) return;
  throw new IgniteError('source/not-own-repository', `${path} belongs to the user ${owner}`);
}
