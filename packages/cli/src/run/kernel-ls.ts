// `ignite kernels`.
import type { KernelDocument } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import {
  dockerKernel,
  type FilterKey,
  KERNEL_COLUMNS,
  kernelRow,
  nameKey,
  printList,
  readListFilters,
  referenceKey,
} from '../views/index.ts';

const FILTERS: Readonly<Record<string, FilterKey<KernelDocument>>> = {
  reference: referenceKey(),
  name: nameKey(),
  version: { form: 'version=TEXT', holds: ({ status }, value) => status.version.includes(value) },
};

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, signal } = context;
  const keep = readListFilters(flags.list('filter'), FILTERS);
  const client = await context.client();
  const now = host.now();
  await printList(context, {
    items: (await client.listKernels({ signal })).filter(keep),
    uid: (kernel) => kernel.metadata.uid,
    columns: KERNEL_COLUMNS,
    row: (kernel) => kernelRow(kernel, now),
    docker: (kernel) => dockerKernel(kernel, now),
  });
  return 0;
}
