// Operations on volumes.
import type { Volume } from '@ignite/api';
import type { Engine } from '@ignite/engine';
import type { Handlers } from '../handler.ts';

type VolumeOperations =
  | 'listVolumes'
  | 'createVolume'
  | 'pruneVolumes'
  | 'inspectVolume'
  | 'resizeVolume'
  | 'removeVolume';

/** The operations on volumes. */
export function volumeHandlers({ vms: { volumes } }: Engine): Pick<Handlers, VolumeOperations> {
  return {
    listVolumes: async () => ({ items: [...(await volumes.list())] }),
    createVolume: ({ body: { size, ...request }, signal }) =>
      volumes.create({ ...request, bytes: size }, signal),
    pruneVolumes: async ({ body: { labels = {} } }) => {
      const removed = await volumes.prune((volume) => !hasLabels(volume, labels));
      return {
        volumes: removed.map(({ metadata: { uid, name } }) => ({ uid, name })),
        freed: removed.reduce((sum, { status }) => sum + status.allocated, 0),
      };
    },
    inspectVolume: ({ ref }) => volumes.inspect(ref),
    resizeVolume: ({ ref, body, signal }) => volumes.resize(ref, body.size, signal),
    removeVolume: ({ ref }) => volumes.remove(ref),
  };
}

/** An empty value fits any. */
function hasLabels({ metadata: { labels = {} } }: Volume, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(
    ([name, value]) => Object.hasOwn(labels, name) && (value === '' || labels[name] === value),
  );
}
