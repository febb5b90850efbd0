// What the figures were measured on: they mean nothing without it.
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { runProgram } from '../e2e/world/program.ts';
import { mib, table } from './table.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** A table of commit, hardware, versions and load. */
export async function describeMachine(node: string): Promise<string> {
  const processors = cpus();
  return table(
    ['what', 'value'],
    [
      ['date', new Date().toISOString().slice(0, 16)],
      ['commit', await commit()],
      ['processor', `${processors.length} × ${processors[0]?.model ?? 'unknown'}`],
      ['memory', mib(totalmem())],
      ['kernel', release()],
      ['distribution', distribution()],
      ['QEMU', await firstLine(['qemu-system-x86_64', '--version'])],
      ['Node', await firstLine([node, '--version'])],
      ['load average', load()],
    ],
  );
}

/** Processes that wanted a processor, means over 1, 5 and 15 minutes. */
export function load(): string {
  return loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
}

async function commit(): Promise<string> {
  const git = async (...words: string[]) =>
    (await runProgram(['git', ...words], { cwd: ROOT })).stdout.trim();
  const changed = await git('status', '--porcelain', '--untracked-files=no');
  return `${await git('rev-parse', '--short=12', 'HEAD')}${changed === '' ? '' : ', with changes'}`;
}

async function firstLine(argv: readonly string[]): Promise<string> {
  try {
    return (await runProgram(argv)).stdout.split('\n')[0] ?? '';
  } catch {
    return 'not installed';
  }
}

function distribution(): string {
  const text = readFileSync('/etc/os-release', 'utf8');
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? 'unknown';
}
