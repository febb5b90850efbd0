// Labels from `-l` and `--label-file`.
import { parseLabels } from '@ignite/api/labels';
import { readText } from './files.ts';

/** Files first, then words; a later one of the same key wins. A word without `=` has an empty value, as in Docker. */
export async function readLabels(
  files: readonly string[],
  words: readonly string[],
  cwd: string,
): Promise<Readonly<Record<string, string>>> {
  const lines: string[] = [];
  for (const file of files) {
    const text = await readText(file, cwd);
    lines.push(
      ...text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.startsWith('#')),
    );
  }
  return parseLabels([...lines, ...words]);
}
