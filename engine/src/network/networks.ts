// All networks of one engine behind one door: what a NIC's mode says decides who serves it.
import { IgniteError } from '@ignite/api';
import type { BridgeNetwork } from './bridge-driver.ts';
import type { BridgeNic, Network, PresentNic } from './port.ts';
import type { UserNetwork } from './user/index.ts';

export interface NetworksInput {
  /** Absent where the daemon is not root. */
  readonly bridge?: BridgeNetwork;
  readonly user: UserNetwork;
}

/** The door of the room. */
export function createNetworks({ bridge: made, user }: NetworksInput): Network {
  const defaultMode = made === undefined ? 'user' : 'bridge';
  const bridge = () => {
    if (made !== undefined) return made;
    throw new IgniteError('network/needs-root', 'The network bridge needs root, and this daemon is not root');
  };
  return {
    defaultMode,
    bind: async (request, taken, signal) =>
      (request.mode ?? defaultMode) === 'user'
        ? user.bind(request, taken, signal)
        : bridge().bind(request, taken, signal),
    attach: async (nic, context) => {
      if (nic.mode === 'bridge') return bridge().attach(nic, context);
      await user.check(nic, context.signal);
      return user.placeOf(nic, context.signal);
    },
    placeOf: async (nic, slot, signal) =>
      nic.mode === 'bridge' ? bridge().placeOf(nic, slot) : user.placeOf(nic, signal),
    detach: async (nic, context) => {
      if (nic.mode === 'bridge') await bridge().detach(nic, context);
    },
    observe: async (nic, context, signal) =>
      nic.mode === 'bridge' ? bridge().observe(nic, context, signal) : 'absent',
    look: async (signal) => made?.look(signal),
    rebuild: async (nics, signal) => {
      const bridged = nics.filter(isBridged);
      if (bridged.length > 0) await bridge().rebuild(bridged, signal);
    },
    removeAll: async (signal) => made?.removeAll(signal),
  };
}

function isBridged(present: PresentNic): present is PresentNic<BridgeNic> {
  return present.nic.mode === 'bridge';
}
