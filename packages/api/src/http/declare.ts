// Bodies of the declarative operations: what somebody wants, and what came of it object by object.
import { z } from 'zod';
import { idPrefix, metadataInput } from '../kinds/fields.ts';
import { vmSpecInput } from '../kinds/vm-spec.ts';
import { errorBody, pullOptions } from './parts.ts';
import { filesDigest, seedFile, uploadId } from './vms.ts';

export const place = z.strictObject({ file: z.string(), line: z.int().nonnegative() });

/** A VM of a manifest, with what only its reader could read. */
export const declaredVm = z.strictObject({
  metadata: metadataInput,
  spec: vmSpecInput,
  legacy: z.boolean().exactOptional().meta({
    description: 'Written in a version of the original: a machine, and stopped unless it says running',
  }),
  idPrefix: idPrefix.exactOptional(),
  origin: place,
  files: z.array(seedFile).exactOptional(),
  upload: uploadId.exactOptional(),
  filesDigest: filesDigest.exactOptional(),
  authorizedKeys: z.array(z.string()).exactOptional(),
});

export const applyBody = z
  .strictObject({
    objects: z.array(declaredVm).max(10_000),
    prune: z.string().exactOptional().meta({
      description: 'Label selector: applied VMs that fit and are not among the objects are removed',
    }),
    dryRun: z.boolean().exactOptional(),
    allowRecreate: z.boolean().exactOptional(),
    takeOver: z.boolean().exactOptional().meta({ description: 'Also VMs that another source manages' }),
    ...pullOptions,
  })
  .meta({ id: 'Apply' });

/** What is done with an object. `keep`: it is as it should be. `refuse`: the error says why. */
export const APPLY_ACTIONS = [
  'create',
  'update',
  'restart',
  'recreate',
  'start',
  'stop',
  'remove',
  'keep',
  'refuse',
] as const;

/** When a change takes effect for this VM as it is now. */
const CHANGE_MOMENTS = ['live', 'next start', 'restart', 'recreate'] as const;

const fieldChange = z.strictObject({
  path: z.string(),
  from: z.string().exactOptional().meta({ description: 'As JSON; absent: not set' }),
  to: z.string().exactOptional(),
  when: z.enum(CHANGE_MOMENTS),
});

export const applyItem = z.strictObject({
  name: z.string(),
  uid: z.string().exactOptional(),
  action: z.enum(APPLY_ACTIONS),
  changes: z.array(fieldChange),
  drift: z.string().exactOptional().meta({ description: 'What differs and is left alone' }),
  origin: place.exactOptional(),
  error: errorBody.exactOptional(),
});

export const applyResult = z.strictObject({ items: z.array(applyItem) }).meta({ id: 'ApplyResult' });

export const protectBody = z.strictObject({ protected: z.boolean() }).meta({ id: 'Protect' });

export const resumeBody = z.strictObject({}).meta({ id: 'Resume' });

export type DeclaredVm = z.output<typeof declaredVm>;
export type ApplyItem = z.output<typeof applyItem>;
export type ApplyAction = (typeof APPLY_ACTIONS)[number];
export type ChangeMoment = (typeof CHANGE_MOMENTS)[number];
