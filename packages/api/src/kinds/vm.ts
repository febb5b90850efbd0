// The kind VM in our stored and served version, `ignite.vm/v1beta1`.
import { z } from 'zod';
import { API_VERSION } from '../limits.ts';
import { metadata, metadataInput } from './fields.ts';
import { vmBound } from './vm-bound.ts';
import { vmSpec, vmSpecInput } from './vm-spec.ts';
import { vmStatus } from './vm-status.ts';

/** A VM as served: spec, bound and status. */
export const vmSchema = z
  .strictObject({
    kind: z.literal('VM'),
    apiVersion: z.literal(API_VERSION),
    metadata,
    spec: vmSpec,
    bound: vmBound.exactOptional(),
    status: vmStatus,
  })
  .meta({ id: 'Vm', description: 'A virtual machine' });

/** A VM as people write it in a manifest: `bound` is refused, `status` is read as far as it is intent. */
export const vmManifestSchema = z.strictObject({
  kind: z.literal('VM'),
  apiVersion: z.literal(API_VERSION),
  metadata: metadataInput.exactOptional(),
  spec: vmSpecInput.exactOptional(),
  status: z.looseObject({ running: z.boolean().exactOptional() }).exactOptional(),
});

/** Inside: sizes are numbers of bytes. */
export type Vm = z.output<typeof vmSchema>;
/** Outside (HTTP, files): sizes are strings. */
export type VmDocument = z.input<typeof vmSchema>;

/** The form that goes over the wire and into files. */
export function encodeVm(vm: Vm): VmDocument {
  return z.encode(vmSchema, vm);
}

/** Reads what a peer or a file of ours says. @throws z.ZodError */
export function decodeVm(document: unknown): Vm {
  return vmSchema.parse(document);
}
