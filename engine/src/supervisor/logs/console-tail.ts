// The end of the console, or of what the VMM printed, as text for error messages.
import { closeLogFiles, openLogFiles } from './log-files.ts';

const MAX_BYTES = 64 << 10;

/**
 * The last lines the console showed, newest last; empty where there is no log. At most 64 KiB are looked at.
 * @param directory the VM's log directory
 */
export function readConsoleTail(directory: string, lines: number): Promise<string> {
  return readTail(directory, 'console', lines);
}

/** The same of what the VMM printed. */
export function readVmmTail(directory: string, lines: number): Promise<string> {
  return readTail(directory, 'vmm', lines);
}

async function readTail(directory: string, source: 'console' | 'vmm', lines: number): Promise<string> {
  const files = await openLogFiles(directory, source);
  try {
    const pieces: Buffer[] = [];
    let wanted = MAX_BYTES;
    for (const { handle, size } of files.toReversed()) {
      const count = Math.min(wanted, size);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, size - count);
      pieces.unshift(buffer.subarray(0, bytesRead));
      wanted -= count;
      if (wanted === 0) break;
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
