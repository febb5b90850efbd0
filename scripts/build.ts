// Bundles the programs into dist/: the CLI in lazily loaded chunks (it must start in milliseconds), the daemon, its thread
// for long manifests, and the import worker, which runs as its own process. Then the compile cache of the CLI is written.
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type InputOptions, type OutputOptions } from 'rolldown';
import { defines } from './defines.ts';

const root = join(import.meta.dirname, '..');
const target = join(root, 'dist');
/** Built in another folder and swapped in: a CLI that runs meanwhile finds all of its old chunks or all of the new ones. */
const outdir = join(root, 'dist.new');

/** What every program has in common. */
const input: InputOptions = {
  cwd: root,
  platform: 'node',
  logLevel: 'warn',
  // The CommonJS build of `yaml` asks for `require` at start; this one is of ES modules.
  resolve: { alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') } },
  transform: { target: 'node24', define: defines(commit()) },
};
const output: OutputOptions = { dir: outdir, format: 'esm', minify: true, keepNames: true };

/**
 * Each file that a command loads costs 0.4 ms. So what every command needs is one, what the commands beside a guest's
 * stream need is another, what `run` needs beyond that a third, and each other command loads its own besides.
 */
const groups = [
  { name: 'base', tags: ['$initial' as const] },
  {
    name: 'guest',
    test: /cli\/src\/(connect|attach|terminal|request\/env|run\/(exec|shared\/guest-command))/,
  },
  { name: 'run', test: /cli\/src\/run\/(run|create)\.ts/ },
];

rmSync(outdir, { recursive: true, force: true });
await build({
  ...input,
  input: { ignite: join(root, 'packages/cli/src/main.ts') },
  output: { ...output, codeSplitting: { groups }, chunkFileNames: 'chunks/[name]-[hash].js' },
});
for (const [name, file] of [
  ['ignited', 'packages/daemon/src/main.ts'],
  ['import-worker', 'engine/src/worker/main.ts'],
  ['manifest-thread', 'packages/daemon/src/sources/manifest-thread.ts'],
] as const)
  await build({ ...input, input: { [name]: join(root, file) }, output: { ...output, codeSplitting: false } });

const old = join(root, 'dist.old');
rmSync(old, { recursive: true, force: true });
if (existsSync(target)) renameSync(target, old);
renameSync(outdir, target);
rmSync(old, { recursive: true, force: true });
execFileSync('sh', [join(root, 'scripts/warm-cache.sh'), process.execPath, target]);

/** Short hash of the commit, `-dirty` where files differ from it; empty outside a checkout. */
function commit(): string {
  try {
    const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
    const hash = git('rev-parse', '--short=12', 'HEAD');
    return git('status', '--porcelain', '--untracked-files=no') === '' ? hash : `${hash}-dirty`;
  } catch {
    return '';
  }
}
