// Progress of long work: a table of layers redrawn on a terminal, plain lines elsewhere.
import type { Progress, Report } from '@ignite/api/progress';
import { displaySize } from '@ignite/api/sizes';
import type { CommandContext } from '../context.ts';
import { escapeText } from './escape.ts';
import type { Output } from './output.ts';

/** A renderer; `done` takes the redrawn lines away. */
export interface ProgressView {
  readonly report: Report;
  done(): void;
}

const REDRAW_MS = 100;

/** What the output is good for: a redrawn table, plain lines, or with `-q` nothing. */
export function showProgress(out: Output, now: () => number = () => performance.now()): ProgressView {
  const view = viewFor(out, now);
  return {
    report(progress) {
      if (progress.kind === 'stage') out.stage = progress.name;
      view.report(progress);
    },
    done: view.done,
  };
}

/** The view of one of several that go on at once has plain lines only: two tables would draw over each other. */
export function progressFor({ operands, out }: Pick<CommandContext, 'operands' | 'out'>): ProgressView {
  return operands.length > 1 ? plainProgress(out) : showProgress(out);
}

function viewFor(out: Output, now: () => number): ProgressView {
  if (out.quiet) return { report: () => {}, done: () => {} };
  return out.talksToTerminal ? drawnProgress(out, now) : plainProgress(out);
}

/** Notes, and each part once when it is complete. */
export function plainProgress(out: Output): ProgressView {
  const told = new Set<string>();
  return {
    report(progress) {
      if (progress.kind === 'note') out.note(escapeText(progress.text));
      if (progress.kind !== 'bytes' || progress.total === undefined || progress.done < progress.total) return;
      const key = `${progress.label} ${progress.id}`;
      if (told.has(key)) return;
      told.add(key);
      out.note(escapeText(`${progress.label}: ${displaySize(progress.total)}`));
    },
    done() {},
  };
}

type Bytes = Extract<Progress, { kind: 'bytes' }>;

function drawnProgress(out: Output, now: () => number): ProgressView {
  const parts = new Map<string, Bytes>();
  let stage = '';
  let drawn = 0;
  let last = Number.NEGATIVE_INFINITY;

  const clear = () => {
    if (drawn > 0) out.draw(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const draw = () => {
    clear();
    const lines = fitting([...parts.values()], out.rows).map((part) => partLine(part, out.columns));
    if (lines.length === 0 && stage !== '') lines.push(`${stage} …`.slice(0, out.columns - 1));
    out.draw(lines.map((line) => `${line}\n`).join(''));
    drawn = lines.length;
    last = now();
  };
  return {
    report(progress) {
      if (progress.kind === 'note') {
        clear();
        out.note(escapeText(progress.text));
        draw();
        return;
      }
      if (progress.kind === 'stage') {
        stage = escapeText(progress.name);
        parts.clear();
        draw();
        return;
      }
      parts.set(progress.id, progress);
      if (now() - last >= REDRAW_MS || progress.done === progress.total) draw();
    },
    done: clear,
  };
}

/** As many as there are lines to draw them anew, below which the cursor is; what is still under way before what is done. */
function fitting(parts: readonly Bytes[], rows: number): readonly Bytes[] {
  const most = Math.max(1, rows - 1);
  if (parts.length <= most) return parts;
  const isDone = ({ done, total }: Bytes) => total !== undefined && done >= total;
  return [...parts.filter((part) => !isDone(part)), ...parts.filter(isDone)].slice(0, most);
}

/** `sha256:ab12…  [=====>     ]  3.1 MB / 12.0 MB`, cut to the terminal's width. */
function partLine(part: Bytes, columns: number): string {
  const label = escapeText(part.label);
  const room = Math.max(10, Math.min(30, columns - label.length - 30));
  const share = part.total === undefined || part.total === 0 ? 0 : Math.min(1, part.done / part.total);
  const filled = Math.round(share * room);
  const bar = part.total === undefined ? '' : `[${'='.repeat(filled)}${' '.repeat(room - filled)}] `;
  const total = part.total === undefined ? '' : ` / ${displaySize(part.total)}`;
  return `${label}  ${bar}${displaySize(part.done)}${total}`.slice(0, Math.max(1, columns - 1));
}
