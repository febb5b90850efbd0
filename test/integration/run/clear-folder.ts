// Removes what a run that was cut has left: processes that name its folder, mounts below it, network namespaces and tables
// with the mark of an engine whose state lies there, and the folder.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findProcesses, killNow } from '../../e2e/world/leftovers.ts';
import { runProgram } from '../../e2e/world/program.ts';

const INSTANCE = /^[0-9a-f]{6}$/;

/** @param folder of a run whose runner has ended; nothing outside of it is touched that does not carry a mark from it */
export async function clearFolder(folder: string): Promise<void> {
  const instances = await instancesIn(folder);
  for (const { pid } of await findProcesses(`${folder}/`)) killNow(pid);
  for (const point of await mountsBelow(folder)) await runProgram(['umount', '-l', point]);
  for (const name of await readdir('/run/netns').catch(() => []))
    if (instances.some((instance) => name.includes(instance))) await runProgram(['ip', 'netns', 'del', name]);
  for (const [family, table] of await tables())
    if (instances.some((instance) => table.includes(instance)))
      await runProgram(['nft', 'delete', 'table', family, table]);
  const still = await mountsBelow(folder);
  if (still.length === 0) return await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  process.stderr.write(`It is kept, as something is mounted there: ${still.join(' ')}\n`); // what is mounted may be the host's
}

/** Of the engines that had their state in it. */
async function instancesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir(folder))
    for (const path of [join(folder, name, 'state/format.json'), join(folder, name, 'format.json')]) {
      const text = await readFile(path, 'utf8').catch(() => '');
      const [, instance = ''] = /"instance":\s*"(\w+)"/.exec(text) ?? [];
      if (INSTANCE.test(instance)) found.push(instance);
    }
  return found;
}

/** The deepest first. */
async function mountsBelow(folder: string): Promise<readonly string[]> {
  const points = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point.startsWith(`${folder}/`)).toSorted((a, b) => b.length - a.length);
}

async function tables(): Promise<readonly (readonly [family: string, name: string])[]> {
  const { stdout } = await runProgram(['nft', 'list', 'tables']);
  return [...stdout.matchAll(/^table (\S+) (\S+)$/gm)].map(
    ([, family = '', name = '']) => [family, name] as const,
  );
}
