// Garbage collection beside running imports. An import holds digests, brings them, lists them, lets go; the files of
// one that lets go while a collection looks must not fall between the list it has read and the pins it asks.
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
  /** Removes what is neither listed nor held, and tells how many bytes; calls wait for each other. */
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
        const held = pins.now(); // before the list is read: who lets go after this has listed before
        const manifests = (await index.read()).map((entry) => entry.manifestDigest);
        return collectGarbage(paths, manifests, held.has);
      }),
  };
}
