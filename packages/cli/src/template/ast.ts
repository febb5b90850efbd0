// A template as a tree.
import type { GoValue } from './values.ts';

/** One thing a pipeline's command is made of; `fields` are taken from its value one after the other. */
export interface Operand {
  readonly base:
    | { readonly kind: 'dot' }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'literal'; readonly value: GoValue }
    | { readonly kind: 'call'; readonly name: string }
    | { readonly kind: 'pipe'; readonly pipe: Pipe };
  readonly fields: readonly string[];
}

/** A function with its arguments, or a single value. */
export type Command = readonly Operand[];

export interface Pipe {
  /** Variables set by it: `$x :=`, `$i, $v :=`, `$x =`. */
  readonly sets: readonly string[];
  readonly declares: boolean;
  readonly commands: readonly Command[];
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'range' | 'with';
      readonly pipe: Pipe;
      readonly then: readonly Node[];
      readonly other: readonly Node[];
    }
  | { readonly kind: 'break' | 'continue' };
