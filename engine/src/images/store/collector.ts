// Garbage collection concurrent with imports. An import pins digests, stores and lists them, and unpins them. The files of
// one that unpins during a collection must be protected either by the list that was read or by the pins.
import { createQueue } from '../../host/index.ts';
import { collectGarbage } from './collect.ts';
import type { IndexFile } from './index-file.ts';
import type { ImagePaths } from './paths.ts';
import { createPins } from './pins.ts';

export interface Collector {
  /**
   * Keeps digests from being collected until disposed. When it returns, no collection goes on that does not know of
   * it: what is found in the store from then on stays.
   */
  hold(digests: Iterable<string>): Promise<Disposable>;
  /** Holds everything, for work that learns digests only as it goes. */
  holdAll(): Promise<Disposable>;
  /** Removes what is neither listed nor pinned, and returns how many bytes; calls wait for each other. */
  collect(): Promise<number>;
}

/** The collector of one store. */
export function createCollector(paths: ImagePaths, index: IndexFile): Collector {
  const pins = createPins();
  const serial = createQueue();
  const known = async (pin: Disposable): Promise<Disposable> => {
    await serial(async () => {});
    return pin;
  };
  return {
    hold: (digests) => known(pins.hold(digests)),
    holdAll: () => known(pins.holdAll()),
    collect: () =>
      serial(async () => {
        const held = pins.now(); // before the list is read: an import that unpins after this has listed before
        const manifests = (await index.read()).map((entry) => entry.manifestDigest);
        return collectGarbage(paths, manifests, held.has);
      }),
  };
}
