// Run by itself with --expose-gc: how many bytes of memory the ext4 writer keeps for each entry. Prints them as JSON.
import { setTimeout as delay } from 'node:timers/promises';
import { createExt4Writer } from '@ignite/ext4';

const ENTRIES = Number(process.argv[2]);
const FOLDER = 100;
const META = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 0 } };

const writer = createExt4Writer({
  sink: { write: async () => {}, read: async () => {} }, // what is written is nobody's memory
  label: '',
  uuid: Buffer.alloc(16),
  hashSeed: Buffer.alloc(16),
  epochSeconds: 0,
});
const before = await used();
for (let index = 0; index < ENTRIES; index += 1) {
  const folder = Math.floor(index / FOLDER);
  await writer.file(`usr/share/some-package/folder-${folder}/file-name-${index}.txt`, META, 4, [
    Buffer.from('data'),
  ]);
}
const bytes = (await used()) - before;
if (writer.stat('usr', { follow: false }) === undefined) throw new Error('Nothing was written'); // it is in use until here
console.log(JSON.stringify(bytes / ENTRIES));

/** What is in use, not what is still to be given back: buffers that a collection found are freed in the background. */
async function used(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await delay(20);
  }
  const { heapUsed, external } = process.memoryUsage(); // external holds array buffers, too
  return heapUsed + external;
}
