// A command on a terminal of its own. Node makes no pseudo-terminals; `script` of util-linux does.
import { spawn } from 'node:child_process';
import { waitFor } from './wait-for.ts';
import { runProgram } from './program.ts';

export interface Terminal extends AsyncDisposable {
  /** Everything shown so far. */
  screen(): string;
  /** Types. */
  type(text: string): void;
  /** Waits until something is shown, after an offset of the screen. */
  shows(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Gives the terminal another size, as dragging a window's corner does. */
  resize(rows: number, columns: number): Promise<void>;
  /** Exit code of the command. */
  readonly ended: Promise<number>;
}

/** Starts a shell command on a terminal with 24 rows and 80 columns. */
export async function openTerminal(command: string): Promise<Terminal> {
  const line = `stty rows 24 cols 80; echo "on $(tty)"; exec ${command}`;
  const child = spawn('script', ['-qefc', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  child.once('exit', (code) => resolve(code ?? 255));
  const shows = async (pattern: RegExp, timeoutMs?: number) =>
    waitFor(`${pattern} on the terminal, which shows:\n${text}`, () => pattern.exec(text)?.[0], timeoutMs);
  const tty = (await shows(/on \/dev\/\S+\s/)).replace('on ', '').trim();
  return {
    screen: () => text,
    type: (typed) => child.stdin.write(typed),
    shows,
    resize: async (rows, columns) => {
      await runProgram(['stty', '-F', tty, 'rows', String(rows), 'cols', String(columns)]);
    },
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL'); // the command sees its terminal go
      await ended;
    },
  };
}
