// What tests of this room share: a NIC on a bridge, and a VM that attaches or detaches and keeps what it is told of its
// claims.
import type { Claim, Resource } from '../state/port.ts';
import type { AttachContext, BridgeNic } from './port.ts';

/** A NIC without published ports. */
export function bridgeNic(address: string): BridgeNic {
  return {
    mode: 'bridge',
    network: 'ign9',
    mac: '02:00:00:00:00:01',
    address,
    prefixLength: 16,
    gateway: '10.62.0.1',
    dns: [],
    mtu: 1500,
    ports: [],
  };
}

/** A VM's place with its claims. @returns what was said to be gone besides */
export function attaching(slot: number, ...live: readonly Claim[]) {
  const gone: Resource[] = [];
  const context: AttachContext = {
    slot,
    vmUid: `u${slot}`,
    vmName: `vm${slot}`,
    uid: 1,
    signal: new AbortController().signal,
    claims: {
      claim: async () => {},
      made: async () => {},
      gone: async (resource) => void gone.push(resource),
      live: () => live,
    },
  };
  return { context, gone };
}
