// Which NICs belong into tables that are being rebuilt while NICs come and go. A rebuild takes the NICs at its beginning; one
// that comes later waits until it is done and then adds itself, and one that goes is left out from then on.
import type { BridgeNic, PresentNic } from '../port.ts';

type PresentBridgeNic = PresentNic<BridgeNic>;

interface Presence {
  /** To be awaited before anything of the NIC is made, and called after its VM counts it among its own. */
  comes(nic: BridgeNic): Promise<void>;
  /** To be awaited before anything of the NIC is removed. Its VM may count it among its own until all of them are. */
  goes(nic: BridgeNic): Promise<void>;
  /** Those that have not gone. */
  here(nics: readonly PresentBridgeNic[]): readonly PresentBridgeNic[];
  /** Runs what makes tables anew, with the NICs that are there at this moment. One such work at a time. */
  replace<T>(
    nics: () => readonly PresentBridgeNic[],
    work: (nics: readonly PresentBridgeNic[]) => Promise<T>,
  ): Promise<T>;
}

/** Nobody has come or gone. */
export function createPresence(): Presence {
  const gone = new Set<string>();
  let replacing: Promise<unknown> = Promise.resolve();
  const here = (nics: readonly PresentBridgeNic[]) => nics.filter(({ nic }) => !gone.has(keyOf(nic)));
  return {
    here,
    comes: async (nic) => {
      gone.delete(keyOf(nic));
      await replacing;
    },
    goes: async (nic) => {
      gone.add(keyOf(nic));
      await replacing;
    },
    replace: (nics, work) => {
      const done = work(here(nics()));
      replacing = done.catch(() => {}); // the caller gets the error
      return done;
    },
  };
}

function keyOf({ networkIndex = 0, address }: BridgeNic): string {
  return `${networkIndex} ${address}`;
}
