// Bundles the programs into dist/: the CLI in lazily loaded chunks (it must start in milliseconds), the daemon, and
// the import worker, which runs as its own process. Then what the CLI compiles to is kept beside it.
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { defines } from './defines.ts';

const root = join(import.meta.dirname, '..');
const target = join(root, 'dist');
/** Built beside and swapped in: a CLI that runs meanwhile still finds its chunks, or finds all of the new ones. */
const outdir = join(root, 'dist.new');

/** CommonJS packages inside an ES module ask for `require`. */
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

const common: BuildOptions = {
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minify: true,
  keepNames: true,
  sourcemap: false,
  legalComments: 'none',
  logLevel: 'warning',
  define: defines(commit()),
};

rmSync(outdir, { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: { ignite: join(root, 'packages/cli/src/main.ts') },
    splitting: true,
    // The CommonJS build of `yaml` asks for `require`, which a chunk of the CLI does not have; this one is ESM.
    alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
    chunkNames: 'chunks/[name]-[hash]',
  }),
  build({
    ...common,
    entryPoints: {
      ignited: join(root, 'packages/daemon/src/main.ts'),
      'import-worker': join(root, 'engine/src/worker/main.ts'),
    },
    banner: { js: REQUIRE },
  }),
]);

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
