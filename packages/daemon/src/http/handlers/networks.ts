// Operations on networks.
import type { Engine } from '@ignite/engine';
import type { Handlers } from '../handler.ts';

type NetworkOperations =
  | 'listNetworks'
  | 'createNetwork'
  | 'inspectNetwork'
  | 'removeNetwork'
  | 'deniedByNetwork'
  | 'checkNetwork';

/** The operations on networks. */
export function networkHandlers({ vms: { networks } }: Engine): Pick<Handlers, NetworkOperations> {
  return {
    checkNetwork: async ({ ref, body, signal }) => {
      const interfaces = [...(await networks.check(ref, { target: body.target, signal }))];
      return { ok: interfaces.every(({ hops }) => hops.every((hop) => hop.ok)), interfaces };
    },
    deniedByNetwork: ({ ref, signal }) => networks.denied(ref, signal),
    listNetworks: async () => ({ items: [...(await networks.list())] }),
    createNetwork: ({ body }) => networks.create(body),
    inspectNetwork: ({ ref }) => networks.inspect(ref),
    removeNetwork: ({ ref }) => networks.remove(ref),
  };
}
