// Operations on networks.
import type { Engine } from '@ignite/engine';
import type { Handlers } from '../handler.ts';

type NetworkOperations =
  | 'listNetworks'
  | 'createNetwork'
  | 'inspectNetwork'
  | 'removeNetwork'
  | 'deniedByNetwork';

export function networkHandlers({ vms: { networks } }: Engine): Pick<Handlers, NetworkOperations> {
  return {
    deniedByNetwork: ({ ref, signal }) => networks.denied(ref, signal),
    listNetworks: async () => ({ items: [...(await networks.list())] }),
    createNetwork: ({ body }) => networks.create(body),
    inspectNetwork: ({ ref }) => networks.inspect(ref),
    removeNetwork: ({ ref }) => networks.remove(ref),
  };
}
