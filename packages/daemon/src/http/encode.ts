// Results as JSON text. A list of many VMs is requested often, and most of them have not changed: encoded text is cached by
// the spec it was made from, as long as that is alive.
import { type Bodies, bodies, type OperationId, type Vm } from '@ignite/api';
import { z } from 'zod';

/** The JSON text of an operation's result. */
export type Encode = (id: OperationId, value: unknown) => string;

interface Kept {
  readonly metadata: Vm['metadata'];
  readonly bound: Vm['bound'];
  /** The status it was made from. */
  readonly status: string;
  readonly text: string;
}

/** An encoder with a memory of its own. */
export function createEncoder(): Encode {
  const kept = new WeakMap<Vm['spec'], Kept>();
  return (id, value) =>
    id === 'listVms' && isVmList(value)
      ? `{"items":[${value.items.map((vm) => vmText(vm, kept)).join(',')}]}`
      : JSON.stringify(encodeResult(id, value));
}

/** Inside form → outside form: sizes become strings. */
export function encodeResult(id: OperationId, value: unknown): unknown {
  const { result }: Bodies = bodies[id];
  return result === undefined ? value : z.encode(result, value);
}

/** Records are replaced and never changed, so that the same object has the same content; a status is made anew each time. */
function vmText(vm: Vm, kept: WeakMap<Vm['spec'], Kept>): string {
  const status = JSON.stringify(vm.status);
  const before = kept.get(vm.spec);
  if (before?.status === status && before.metadata === vm.metadata && before.bound === vm.bound)
    return before.text;
  const text = JSON.stringify(encodeResult('inspectVm', vm));
  kept.set(vm.spec, { metadata: vm.metadata, bound: vm.bound, status, text });
  return text;
}

/** The handler's own type says what `listVms` gives. */
function isVmList(value: unknown): value is { readonly items: readonly Vm[] } {
  return typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items);
}
