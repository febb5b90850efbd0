// A terminal handed to the guest: raw mode while attached, its size and changes of it.
import type { CliHost } from '../host.ts';

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** The size of the terminal; 24 by 80 where there is none, or it says 0, as a serial console does. */
export function terminalSize(host: CliHost): TerminalSize {
  return { rows: host.stdout.rows || 24, columns: host.stdout.columns || 80 };
}

/** TERM and size for OPEN. */
export function terminalOf(host: CliHost): TerminalSize & { readonly term: string } {
  return { ...terminalSize(host), term: host.env['TERM'] || 'xterm' };
}

/**
 * Raw mode, if stdin is a terminal, and a call at each change of size.
 * @returns gives the terminal back; may be called twice
 */
export function takeTerminal(host: CliHost, onResize: (size: TerminalSize) => void): () => void {
  const { stdin } = host;
  const raw = stdin.isTTY === true && stdin.setRawMode !== undefined;
  if (raw) {
    stdin.setRawMode?.(true);
    host.exactOutput?.();
  }
  const release = host.onSignal('SIGWINCH', () => onResize(terminalSize(host)));
  let taken = true;
  return () => {
    if (!taken) return;
    taken = false;
    release();
    if (raw) stdin.setRawMode?.(false);
  };
}
