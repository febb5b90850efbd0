// The daemon's log: JSON lines on stderr, where systemd's journal or the log file of a background daemon takes them.
import { logFile, openLog } from './log-file.ts';
import { type Logger, pino } from 'pino';

const STDERR = 2;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/**
 * Written at once, so that the last line before a crash is there.
 * @param path of the log that a background daemon was given as its stderr: that file is bounded
 */
export function createLogger(level: LogLevel, path: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    logFile(STDERR, path) ?? openLog(STDERR),
  );
}
