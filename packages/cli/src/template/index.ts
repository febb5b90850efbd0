// Go's text/template over our objects, for `--format`, `-t` and `-f '{{…'`.
import { evaluate } from './evaluate.ts';
import { parseTemplate } from './parser.ts';
import type { GoValue } from './values.ts';

export { type GoValue, goPrint, printed, type Struct, struct } from './values.ts';

/**
 * Reads a template once, to be run over many values.
 * @throws IgniteError `cli/template`
 */
export function compileTemplate(template: string): (value: GoValue) => string {
  const nodes = parseTemplate(template);
  return (value) => evaluate(nodes, value);
}
