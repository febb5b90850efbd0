// Rooms see each other through doors and ports. The worker alone reaches further: its program runs parsers of two rooms,
// which speak its messages (ARCHITECTURE.md).
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const SRC = import.meta.dirname;
const IMPORT = /\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)/g;
const DOOR = /^[a-z]+\/(?:index|port)\.ts$/;
const OF_WORKERS = /^(?:images\/(?:convert|sources)\/|kernels\/parse\/)/;

/** Whether a file of one room may import a file of another. Both are named below the engine's sources. */
function mayImport(from: string, to: string): boolean {
  if (DOOR.test(to)) return true;
  if (from === 'worker/main.ts') return OF_WORKERS.test(to);
  return OF_WORKERS.test(from) && ['worker/messages.ts', 'worker/descriptor-sink.ts'].includes(to);
}

test('no room looks into another past its door', async () => {
  const entries = await readdir(SRC, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  const wrong: string[] = [];
  let seen = 0;
  for (const file of files) {
    const from = relative(SRC, file);
    const room = dirname(from).split('/')[0];
    if (room === '.') continue; // create-engine.ts, and the door of them all
    for (const [, stated = '', asked = stated] of (await readFile(file, 'utf8')).matchAll(IMPORT)) {
      const to = relative(SRC, resolve(dirname(file), asked));
      if (to.startsWith(`${room}/`) || to.startsWith('../')) continue;
      seen += 1;
      if (!mayImport(from, to)) wrong.push(`${from} imports ${to}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(seen > 300, `${seen} imports were looked at`);
});
