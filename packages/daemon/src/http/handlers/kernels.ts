// Operations on kernels.
import { IgniteError } from '@ignite/api';
import type { Engine, KernelRecord } from '@ignite/engine';
import type { Handlers } from '../handler.ts';
import { kernelObject } from './objects.ts';
import { requireUnused } from './users.ts';

type KernelOperations = 'listKernels' | 'importKernel' | 'loadKernel' | 'inspectKernel' | 'removeKernel';

/** The operations on kernels. */
export function kernelHandlers(engine: Engine): Pick<Handlers, KernelOperations> {
  const { kernels } = engine;
  const find = async (word: string): Promise<KernelRecord> => {
    const record = await kernels.find(word);
    if (record === undefined) throw new IgniteError('kernels/not-found', `There is no kernel ${word} here`);
    return record;
  };
  return {
    listKernels: async () => ({ items: (await kernels.list()).map(kernelObject) }),
    importKernel: async ({ body: { source, pull = 'missing', ...options }, report, signal }) => {
      const image = { ...options, pull, report, signal };
      return kernelObject(await kernels.import(source, { report, signal, image }));
    },
    loadKernel: async ({ query, bytes, report, signal }) =>
      kernelObject(await kernels.load(query.name, bytes, { report, signal })),
    inspectKernel: async ({ ref }) => kernelObject(await find(ref)),
    removeKernel: async ({ ref, query, report, signal }) => {
      const record = await find(ref);
      await requireUnused(engine, record, query.force === true, { report, signal });
      const remove = kernels.remove(ref, (uid) => engine.vms.usersOf(uid).length > 0);
      await remove.catch(async (error: unknown) => {
        await requireUnused(engine, record, false, { report, signal }); // a VM was made meanwhile: it is named
        throw error;
      });
      return kernelObject(record);
    },
  };
}
