// A spec as requests carry it: sizes are words again.
import { z } from 'zod';
import { type VmSpecInput, vmSpecInput } from '../kinds/vm-spec.ts';

/** The outside form of a spec that was read from a manifest. */
export function specDocument(spec: VmSpecInput): z.input<typeof vmSpecInput> {
  return z.encode(vmSpecInput, spec);
}
