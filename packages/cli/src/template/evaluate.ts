// Runs a template's tree over a value.
import type { Command, Node, Operand, Pipe } from './ast.ts';
import { templateError } from './error.ts';
import { functions, truthOf } from './functions.ts';
import { ALSO, FIELDS, goPrint, type GoValue, isList, isMap, isStruct } from './values.ts';

/** Variables visible at one place; an inner scope sees the outer. */
interface Scope {
  readonly variables: Map<string, GoValue>;
  readonly outer?: Scope;
}

interface Run {
  readonly out: string[];
  size: number;
}

/** How a list of nodes ended. */
type Flow = 'on' | 'break' | 'continue';

/** Characters a template may print for one object. */
const MAX_OUTPUT = 16 << 20;

/**
 * The text a template makes of a value.
 * @throws IgniteError `cli/template`
 */
export function evaluate(nodes: readonly Node[], value: GoValue): string {
  const run: Run = { out: [], size: 0 };
  runNodes(run, nodes, value, { variables: new Map([['$', value]]) });
  return run.out.join('');
}

function print(run: Run, text: string): void {
  run.size += text.length;
  if (run.size > MAX_OUTPUT) throw templateError('it prints more than 16 MiB');
  run.out.push(text);
}

function runNodes(run: Run, nodes: readonly Node[], dot: GoValue, scope: Scope): Flow {
  for (const node of nodes) {
    const flow = runNode(run, node, dot, scope);
    if (flow !== 'on') return flow;
  }
  return 'on';
}

function runNode(run: Run, node: Node, dot: GoValue, scope: Scope): Flow {
  switch (node.kind) {
    case 'text':
      print(run, node.text);
      return 'on';
    case 'action': {
      const value = evaluatePipe(node.pipe, dot, scope);
      if (node.pipe.sets.length === 0) print(run, goPrint(value));
      return 'on';
    }
    case 'break':
    case 'continue':
      return node.kind;
    case 'range':
      return runRange(run, node, dot, scope);
    case 'if':
    case 'with': {
      const inner = innerScope(scope);
      const value = evaluatePipe(node.pipe, dot, inner);
      if (!truthOf(value)) return runNodes(run, node.other, dot, inner);
      return runNodes(run, node.then, node.kind === 'with' ? value : dot, inner);
    }
  }
}

function runRange(
  run: Run,
  node: Extract<Node, { kind: 'if' | 'range' | 'with' }>,
  dot: GoValue,
  scope: Scope,
): Flow {
  const { sets, commands } = node.pipe;
  const value = evaluatePipe({ sets: [], declares: false, commands }, dot, scope);
  const pairs = pairsOf(value);
  if (pairs.length === 0) return runNodes(run, node.other, dot, innerScope(scope));
  for (const [key, element] of pairs) {
    const inner = innerScope(scope);
    const [first, second] = sets;
    if (first !== undefined) inner.variables.set(first, second === undefined ? element : key);
    if (second !== undefined) inner.variables.set(second, element);
    if (runNodes(run, node.then, element, inner) === 'break') break;
  }
  return 'on';
}

/** Keys and elements in the order Go ranges over them: lists as they are, maps by sorted key, numbers from 0. */
function pairsOf(value: GoValue): readonly (readonly [GoValue, GoValue])[] {
  if (isList(value)) return value.map((element, index) => [index, element] as const);
  if (isMap(value))
    return Object.keys(value)
      .sort()
      .map((key) => [key, value[key]] as const);
  if (value === null || value === undefined) return [];
  if (typeof value === 'number' && Number.isInteger(value) && value <= 1e6)
    return Array.from({ length: Math.max(0, value) }, (_, index) => [index, index] as const);
  throw templateError(`range cannot go over ${goPrint(value)}`);
}

function innerScope(outer: Scope): Scope {
  return { variables: new Map(), outer };
}

function evaluatePipe(pipe: Pipe, dot: GoValue, scope: Scope): GoValue {
  let value: GoValue;
  for (const [index, command] of pipe.commands.entries())
    value = evaluateCommand(command, dot, scope, index === 0 ? [] : [value]);
  const [name] = pipe.sets;
  if (name !== undefined) setVariable(scope, name, value, pipe.declares);
  return value;
}

function setVariable(scope: Scope, name: string, value: GoValue, declares: boolean): void {
  let holder: Scope | undefined = scope;
  while (!declares && holder !== undefined && !holder.variables.has(name)) holder = holder.outer;
  if (holder === undefined) throw templateError(`the variable ${name} is not declared`);
  holder.variables.set(name, value);
}

/** A function with arguments, the piped value last; or a plain value. */
function evaluateCommand(command: Command, dot: GoValue, scope: Scope, piped: readonly GoValue[]): GoValue {
  const [first, ...rest] = command;
  if (first === undefined) throw templateError('a value is missing');
  if (first.base.kind !== 'call') {
    if (rest.length + piped.length > 0)
      throw templateError('a value that is no function was given arguments');
    return evaluateOperand(first, dot, scope);
  }
  const { name } = first.base;
  if (name === 'and' || name === 'or') return shortCircuit(name, rest, dot, scope, piped);
  const call = functions.get(name);
  if (call === undefined) throw templateError(`there is no function "${name}"`);
  return call(...rest.map((operand) => evaluateOperand(operand, dot, scope)), ...piped);
}

/** `and` gives the first value that is false, `or` the first that is true, else the last. */
function shortCircuit(
  name: 'and' | 'or',
  operands: readonly Operand[],
  dot: GoValue,
  scope: Scope,
  piped: readonly GoValue[],
): GoValue {
  let value: GoValue;
  for (const operand of operands) {
    value = evaluateOperand(operand, dot, scope);
    if (truthOf(value) === (name === 'or')) return value;
  }
  return piped.length > 0 ? piped[0] : value;
}

function evaluateOperand(operand: Operand, dot: GoValue, scope: Scope): GoValue {
  return operand.fields.reduce(fieldOf, baseValue(operand, dot, scope));
}

function baseValue({ base }: Operand, dot: GoValue, scope: Scope): GoValue {
  switch (base.kind) {
    case 'dot':
      return dot;
    case 'literal':
      return base.value;
    case 'pipe':
      return evaluatePipe(base.pipe, dot, innerScope(scope));
    case 'call':
      return evaluateCommand([{ base, fields: [] }], dot, scope, []);
    case 'variable':
      for (let holder: Scope | undefined = scope; holder !== undefined; holder = holder.outer)
        if (holder.variables.has(base.name)) return holder.variables.get(base.name);
      throw templateError(`the variable ${base.name} is not declared`);
  }
}

/** A field of a struct, which must exist, or a key of a map, which need not. */
function fieldOf(value: GoValue, name: string): GoValue {
  if (isStruct(value)) {
    const field = value[FIELDS].get(name);
    if (field !== undefined) return field();
    const also = value[ALSO];
    if (isMap(also) && Object.hasOwn(also, name)) return also[name];
    throw templateError(`there is no field "${name}"`);
  }
  if (isMap(value)) return Object.hasOwn(value, name) ? value[name] : undefined;
  if (value === undefined) return undefined;
  throw templateError(`${goPrint(value)} has no field "${name}"`);
}
