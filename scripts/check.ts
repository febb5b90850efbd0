// `npm run check`: everything that needs no VM. Each part runs even if an earlier one failed; the exit code is 1 if any did.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules/.bin');

/** Longer files hold more than one idea. */
const MAX_LINES = 400;

const parts: readonly [name: string, run: () => boolean][] = [
  ['types', () => command('tsc', '-p', '.')],
  ['lint', () => command('oxlint', '--type-aware')],
  ['format', () => command('biome', 'format', '.')],
  ['file sizes', fileSizes],
  ['unit tests', () => command('npm', 'run', '--silent', 'test')],
];

const failed = parts.filter(([name, run]) => {
  console.log(`== ${name}`);
  return !run();
});
if (failed.length > 0) {
  console.error(`check failed: ${failed.map(([name]) => name).join(', ')}`);
  process.exitCode = 1;
}

function command(program: string, ...words: string[]): boolean {
  const path = `${bin}:${process.env['PATH'] ?? ''}`;
  const { status } = spawnSync(program, words, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  return status === 0;
}

function fileSizes(): boolean {
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--', '*.ts', '*.c'], {
    cwd: root,
    encoding: 'utf8',
  });
  const long = stdout
    .split('\0')
    .filter((file) => file !== '')
    .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))
    .filter(({ lines }) => lines > MAX_LINES);
  for (const { file, lines } of long) console.error(`${file} has ${lines} lines, over ${MAX_LINES}`);
  return long.length === 0;
}
