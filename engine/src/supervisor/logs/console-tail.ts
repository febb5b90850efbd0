// The end of the console, or of what the VMM printed, as text for error messages.
import { closeLogFiles, type LogFile, openLogFiles } from './log-files.ts';
import { MILLISECOND, readTimeMarks } from './time-marks.ts';

const MAX_BYTES = 64 << 10;

/**
 * The last lines the console showed in one run, newest last; empty where there are none. At most 64 KiB are looked at.
 * @param directory the VM's log directory
 * @param since when the run began: what earlier runs have left in the log is not shown
 */
export function readConsoleTail(directory: string, lines: number, since: Date): Promise<string> {
  const time = BigInt(since.getTime()) * MILLISECOND;
  return readTail(directory, 'console', lines, async (file) => {
    const marks = await readTimeMarks(file);
    return marks.find((mark) => mark.time >= time)?.offset ?? file.size;
  });
}

/** The last lines of what the VMM printed, of whatever run. */
export function readVmmTail(directory: string, lines: number): Promise<string> {
  return readTail(directory, 'vmm', lines, async () => 0);
}

/** @param beginOf the first byte of a file that counts; where it is not the file's first, older files do not count at all */
async function readTail(
  directory: string,
  source: 'console' | 'vmm',
  lines: number,
  beginOf: (file: LogFile) => Promise<number>,
): Promise<string> {
  const files = await openLogFiles(directory, source);
  try {
    const pieces: Buffer[] = [];
    let wanted = MAX_BYTES;
    for (const file of files.toReversed()) {
      // A log that somebody truncated to gain room is shorter than its index says.
      const begin = Math.min(await beginOf(file), file.size);
      const count = Math.min(wanted, file.size - begin);
      const { buffer, bytesRead } = await file.handle.read(Buffer.alloc(count), 0, count, file.size - count);
      pieces.unshift(buffer.subarray(0, bytesRead));
      wanted -= count;
      if (wanted === 0 || begin > 0) break;
    }
    return lastLines(Buffer.concat(pieces).toString('utf8'), lines);
  } finally {
    await closeLogFiles(files);
  }
}

/** Keeps the last lines; the line end of a serial console is CR LF. */
function lastLines(text: string, lines: number): string {
  return text.replaceAll('\r', '').trimEnd().split('\n').slice(-lines).join('\n');
}
