// A bare clone of one branch, read through the program git: what is at its head, which files, their texts.
import { access } from 'node:fs/promises';
import { IgniteError, isIgniteError, type SourceProblem } from '@ignite/api';
import type { Commands } from '@ignite/engine';
import type { TreeFile } from '../port.ts';

export interface RepositoryOptions {
  readonly commands: Commands;
  /** Absolute path of the bare clone. */
  readonly folder: string;
  readonly url: string;
  /** Absent: the one HEAD names. */
  readonly branch?: string;
  readonly path?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** The tip of the branch on the server. */
export interface Head {
  readonly branch: string;
  readonly revision: string;
}

export interface Repository {
  /** Asks the server. @throws IgniteError `source/unreachable`, `source/empty`, `source/no-branch` */
  head(signal: AbortSignal): Promise<Head>;
  /** Brings a revision here. @throws IgniteError `source/unreachable`, `source/pushed-meanwhile`: it is not there any more */
  fetch(head: Head, signal: AbortSignal): Promise<void>;
  /** Whether `next` has `before` in its history: false after a force-push. */
  follows(before: string, next: string, signal: AbortSignal): Promise<boolean>;
  files(
    revision: string,
    signal: AbortSignal,
  ): Promise<{ readonly files: readonly TreeFile[]; readonly problems: readonly SourceProblem[] }>;
  /** Texts by path; what is not UTF-8 has replacement characters. */
  read(files: readonly TreeFile[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** Runs git in the clone, for who writes. */
  git(
    words: readonly string[],
    signal: AbortSignal,
    input?: string,
    environment?: Readonly<Record<string, string>>,
  ): Promise<string>;
}

const REF = 'refs/heads/followed';
/** Of a longer list no end is known: a manifest that it lacks may be there. */
const LIST_BYTES = 64 << 20;
const BATCH_BYTES = 8 << 20;

/** The repository; nothing is fetched before it is asked for. */
export function openRepository(options: RepositoryOptions): Repository {
  const { folder, url, path } = options;
  const run = (words: readonly string[], signal: AbortSignal, more: RunMore = {}) =>
    runGit(options, words, signal, more);
  return {
    head: async (signal) =>
      headOf(
        await remote(url, () =>
          run(['ls-remote', '--symref', '--', url, 'HEAD', 'refs/heads/*'], signal, {
            anywhere: true,
            maxOutputBytes: LIST_BYTES,
          }),
        ),
        options,
      ),
    fetch: async ({ branch, revision }, signal) => {
      if (!(await exists(folder)))
        await run(['init', '--quiet', '--bare', '--initial-branch=followed', folder], signal, {
          anywhere: true,
        });
      const refspec = `+refs/heads/${branch}:${REF}`;
      await remote(url, () =>
        run(
          ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--force', '--', url, refspec],
          signal,
        ),
      );
      // Somebody may have pushed since, and this revision is in the history of that; or rewrote it, and it is gone.
      await run(['cat-file', '-e', `${revision}^{commit}`], signal).catch((cause: unknown) => {
        signal.throwIfAborted();
        throw new IgniteError('source/pushed-meanwhile', `${url} was rewritten at the same moment`, {
          cause,
        });
      });
    },
    follows: async (before, next, signal) => {
      const { code } = await options.commands.run(
        ['git', '-C', folder, 'merge-base', '--is-ancestor', before, next],
        {
          env: options.environment,
          signal,
          timeoutMs: options.timeoutMs,
          okCodes: [0, 1, 128],
        },
      );
      return code === 0;
    },
    files: async (revision, signal) => {
      const words = ['ls-tree', '-r', '-z', '-l', '--full-tree', revision];
      const text = await run(path === undefined ? words : [...words, '--', `${path}/`], signal, {
        maxOutputBytes: LIST_BYTES,
      });
      if (Buffer.byteLength(text) >= LIST_BYTES)
        throw new IgniteError(
          'source/unreachable',
          `${url} has more files than can be listed: name a folder of it`,
        );
      return listed(text, path);
    },
    read: (files, signal) =>
      readBlobs(files, (input, bytes) =>
        run(['cat-file', '--batch'], signal, { input, maxOutputBytes: bytes, encoding: 'latin1' }),
      ),
    git: (words, signal, input, environment) =>
      run(words, signal, {
        ...(input === undefined ? {} : { input }),
        ...(environment === undefined ? {} : { environment }),
      }),
  };
}

interface RunMore {
  readonly anywhere?: boolean;
  readonly input?: string;
  readonly maxOutputBytes?: number;
  readonly encoding?: 'latin1';
  readonly environment?: Readonly<Record<string, string>>;
}

async function runGit(
  options: RepositoryOptions,
  words: readonly string[],
  signal: AbortSignal,
  more: RunMore,
): Promise<string> {
  const { anywhere, environment, ...rest } = more;
  const place = anywhere === true ? [] : ['-C', options.folder];
  const { stdout } = await options.commands.run(['git', ...place, ...words], {
    env: { ...options.environment, ...environment },
    signal,
    timeoutMs: options.timeoutMs,
    withChildren: true, // ssh and git's helpers wait for a server that says nothing
    ...rest,
  });
  return stdout;
}

/** The server's fault, in its words. */
async function remote<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isIgniteError(cause) || cause.code === 'host/cancelled' || cause.code === 'host/program-missing')
      throw cause;
    throw new IgniteError('source/unreachable', `${url} could not be read`, { cause });
  }
}

/** `ref: refs/heads/main\tHEAD`, then `<revision>\trefs/heads/<branch>` for each. */
function headOf(text: string, { url, branch }: RepositoryOptions): Head {
  const lines = text.split('\n');
  const refs = new Map(
    lines.flatMap((line) => {
      const [, revision, name] = /^([0-9a-f]{40,64})\trefs\/heads\/(.+)$/.exec(line) ?? [];
      return revision === undefined || name === undefined ? [] : [[name, revision] as const];
    }),
  );
  if (refs.size === 0) throw new IgniteError('source/empty', `${url} has no commit yet`);
  const named = lines
    .map((line) => /^ref: refs\/heads\/(.+)\tHEAD$/.exec(line)?.[1])
    .find((name) => name !== undefined);
  const wanted = branch ?? (named !== undefined && refs.has(named) ? named : 'master');
  const revision = refs.get(wanted);
  if (revision === undefined) throw new IgniteError('source/no-branch', `${url} has no branch ${wanted}`);
  return { branch: wanted, revision };
}

async function exists(folder: string): Promise<boolean> {
  return access(`${folder}/HEAD`).then(
    () => true,
    () => false,
  );
}

/** `<mode> <type> <id> <size>\t<path>` for each, ended by NUL. Links and submodules are not followed. */
function listed(text: string, under: string | undefined) {
  const files: TreeFile[] = [];
  const problems: SourceProblem[] = [];
  for (const row of text.split('\0')) {
    const [, mode = '', key, size, path] = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.+)$/s.exec(row) ?? [];
    if (key === undefined || path === undefined) continue;
    const shown = under === undefined ? path : path.slice(under.length + 1);
    if (mode.startsWith('100')) files.push({ path: shown, key, bytes: Number(size) });
    else if (mode === '120000' && /\.(ya?ml|json)$/i.test(shown))
      problems.push({ file: shown, message: 'is a symbolic link and is not followed' });
  }
  return { files, problems };
}

async function readBlobs(
  files: readonly TreeFile[],
  batch: (input: string, bytes: number) => Promise<string>,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (let start = 0; start < files.length; ) {
    let bytes = 0;
    let end = start;
    for (
      let file = files[end];
      file !== undefined && (end === start || bytes + file.bytes < BATCH_BYTES);
      file = files[end]
    ) {
      bytes += file.bytes + HEADER_BYTES;
      end += 1;
    }
    const part = files.slice(start, end);
    const output = await batch(`${part.map(({ key }) => key).join('\n')}\n`, bytes);
    splitBatch(part, output, texts);
    start = end;
  }
  return texts;
}

/** Most bytes of the line before a blob and the line feed after it. */
const HEADER_BYTES = 128;

/** `<id> blob <size>\n<bytes>\n` for each; `output` has one character a byte. */
function splitBatch(files: readonly TreeFile[], output: string, texts: Map<string, string>): void {
  let at = 0;
  for (const { path } of files) {
    const line = output.indexOf('\n', at);
    const size = Number(/^[0-9a-f]+ blob (\d+)$/.exec(output.slice(at, line))?.[1] ?? Number.NaN);
    if (line < 0 || Number.isNaN(size)) return;
    texts.set(path, Buffer.from(output.slice(line + 1, line + 1 + size), 'latin1').toString('utf8'));
    at = line + 1 + size + 1;
  }
}
