// Operations on images.
import { IgniteError } from '@ignite/api';
import type { Engine, ImageRecord } from '@ignite/engine';
import type { Handlers } from '../handler.ts';
import { imageObject } from './objects.ts';
import { digestsInUse, requireUnused } from './users.ts';

type ImageOperations =
  | 'listImages'
  | 'pullImage'
  | 'loadImage'
  | 'importRootfs'
  | 'makeImage'
  | 'pushImage'
  | 'saveImages'
  | 'pruneImages'
  | 'checkLogin'
  | 'tagImage'
  | 'inspectImage'
  | 'removeImage';

/** The operations on images. */
export function imageHandlers(engine: Engine): Pick<Handlers, ImageOperations> {
  const { images } = engine;
  const find = async (word: string): Promise<ImageRecord> => {
    const record = await images.find(word);
    if (record === undefined)
      throw new IgniteError('images/not-found', `There is no image ${word} on this host`);
    return record;
  };
  return {
    listImages: async () => ({ items: (await images.list()).map(imageObject) }),
    pullImage: async ({ body: { reference, pull = 'always', ...options }, report, signal }) =>
      imageObject(await images.ensure(reference, { ...options, pull, report, signal })),
    loadImage: async ({ query, bytes, report, signal }) => {
      const options = { ...query, report, signal };
      const loaded = await images.load({ kind: 'archive', stream: bytes }, options);
      return { items: loaded.map(imageObject) };
    },
    importRootfs: async ({ query: { config = {}, ...options }, bytes, report, signal }) => {
      const source = { kind: 'rootfs', stream: bytes, config } as const;
      const [record] = await images.load(source, { ...options, report, signal });
      if (record === undefined)
        throw new IgniteError('images/not-found', `${options.reference} was made but not stored`);
      return imageObject(record);
    },
    pushImage: ({ body: { reference, target, ...options }, report, signal }) =>
      images.push(reference, target, { ...options, report, signal }),
    saveImages: ({ body: { references } }) => images.save(references),
    pruneImages: async ({ body: { all = false } }) => {
      const pruned = await images.prune({ all, inUse: digestsInUse(engine) });
      return { images: [...pruned.images], freed: pruned.freed };
    },
    checkLogin: async ({ body: { insecureRegistries = [], ...credentials }, signal }) => {
      await images.login(credentials, { insecureRegistries, signal });
      return { registry: credentials.registry };
    },
    makeImage: async ({ body, report, signal }) =>
      imageObject(await engine.makeImage(body, { report, signal })),
    tagImage: async ({ body: { source, target } }) => imageObject(await images.tag(source, target)),
    inspectImage: async ({ ref }) => imageObject(await find(ref)),
    removeImage: async ({ ref, query, report, signal }) => {
      const record = await find(ref);
      await requireUnused(engine, record, query.force === true, { report, signal });
      await images.remove(record.uid, digestsInUse(engine)); // one without a name, too
      return imageObject(record);
    },
  };
}
