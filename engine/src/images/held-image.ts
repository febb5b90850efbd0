// An image of the store whose files stay while they are being read, even if the image is removed meanwhile.
import { notHere, storedImage } from './catalogue.ts';
import type { ImagesContext } from './context.ts';
import { digestsOf } from './ensure.ts';
import type { ResolvedImage } from './resolve.ts';
import { type IndexEntry, requireBlob } from './store/index.ts';

export interface HeldImage extends Disposable {
  readonly image: ResolvedImage;
}

/**
 * Holds the files of an entry, all of which are there, until disposed.
 * @param word names the image in errors
 * @throws IgniteError `images/not-found` when it was removed meanwhile, `images/store-broken`
 */
export async function holdImage(context: ImagesContext, entry: IndexEntry, word: string): Promise<HeldImage> {
  using held = new DisposableStack();
  const isListed = async () =>
    (await context.index.read()).some(({ manifestDigest }) => manifestDigest === entry.manifestDigest);
  const image = await storedImage(context, entry).catch(async (error: unknown) => {
    throw (await isListed()) ? error : notHere(word);
  });
  held.use(await context.garbage.hold(digestsOf(image)));
  // Listed now: no collection before this one took its files, and those after it know of us.
  if (!(await isListed())) throw notHere(word);
  for (const blob of [image.manifest.config, ...image.manifest.layers])
    await requireBlob(context.paths, blob);
  const hold = held.move();
  return { image, [Symbol.dispose]: () => hold.dispose() };
}
