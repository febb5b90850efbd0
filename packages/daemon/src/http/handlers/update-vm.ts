// `update`: a VM that people manage is changed; one whose source writes back is changed in its manifest.
import { type FieldEdit, type HandlerResult, specDocument, type VmSpec } from '@ignite/api';
import type { Engine } from '@ignite/engine';
import type { Sources } from '../../sources/sources.ts';
import type { Handlers } from '../handler.ts';

type Body = Parameters<Handlers['updateVm']>[0]['body'];

/** The operations that change a VM's spec; for a managed VM the change is proposed to its source. */
export function updateHandlers({ vms }: Engine, sources: Sources): Pick<Handlers, 'updateVm'> {
  return {
    updateVm: async ({ ref, body, signal }): Promise<HandlerResult<'updateVm'>> => {
      const { metadata, spec, status } = vms.inspect(ref);
      const source = sources.writing(status.manager);
      if (source !== undefined) {
        const writtenTo = await source.propose(metadata.uid, editsOf(body, spec), signal);
        return { vm: vms.inspect(metadata.uid), live: [], atNextStart: [], writtenTo };
      }
      const { vm, live, atNextStart } = await vms.resize(ref, body, signal);
      return { vm, live: [...live], atNextStart: [...atNextStart] };
    },
  };
}

/** Field by field, as people write them. Caps that are taken away leave the others, written anew. */
function editsOf({ resources, clear, policy = {}, ...fields }: Body, spec: VmSpec): readonly FieldEdit[] {
  const plain = [
    ...Object.entries(specDocument(fields)).map(
      ([key, value]): FieldEdit => ({ path: ['spec', key], value }),
    ),
    ...Object.entries(policy).map(
      ([key, value]): FieldEdit => ({ path: ['spec', 'network', 'policy', key], value }),
    ),
  ];
  if (clear !== undefined) {
    const kept = Object.entries({ ...spec.resources, ...resources }).filter(
      ([cap]) => !clear.some((one) => one === cap),
    );
    const { resources: left = {} } = specDocument({ resources: Object.fromEntries(kept) });
    return [...plain, { path: ['spec', 'resources'], value: left }];
  }
  const { resources: caps = {} } = specDocument(resources === undefined ? {} : { resources });
  return [
    ...plain,
    ...Object.entries(caps).map(([cap, value]): FieldEdit => ({ path: ['spec', 'resources', cap], value })),
  ];
}
