// A bare repository and a clone to push from, with the real git.
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Somebody who pushes. */
export interface Pusher {
  readonly bare: string;
  /** Writes files (null: removes), commits and pushes; gives the revision. */
  push(files: Readonly<Record<string, string | null>>, ...words: readonly string[]): Promise<string>;
  /** Runs git in the clone. */
  git(...words: readonly string[]): string;
}

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Tester',
  GIT_AUTHOR_EMAIL: 'tester@example.org',
  GIT_COMMITTER_NAME: 'Tester',
  GIT_COMMITTER_EMAIL: 'tester@example.org',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
} as const;

/** An empty repository below a folder. */
export function makePusher(folder: string, name = 'repo'): Pusher {
  const bare = join(folder, `${name}.git`);
  const work = join(folder, `${name}.work`);
  const run = (cwd: string, words: readonly string[]) =>
    execFileSync('git', [...words], {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder, ...IDENTITY },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  run(folder, ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  run(folder, ['init', '--quiet', '--initial-branch=main', work]);
  run(work, ['remote', 'add', 'origin', bare]);
  return {
    bare,
    git: (...words) => run(work, words),
    push: async (files, ...words) => {
      for (const [path, text] of Object.entries(files)) {
        const file = join(work, path);
        if (text === null) await rm(file);
        else {
          await mkdir(dirname(file), { recursive: true });
          await writeFile(file, text);
        }
      }
      run(work, ['add', '--all']);
      run(work, ['commit', '--quiet', '--allow-empty', '--message', 'Change']);
      run(work, ['push', '--quiet', ...words, 'origin', 'HEAD']);
      return run(work, ['rev-parse', 'HEAD']).trim();
    },
  };
}
