// `ignite kernels`.
import type { CommandContext } from '../context.ts';
import { dockerKernel, KERNEL_COLUMNS, kernelRow, printList } from '../views/index.ts';

export async function run(context: CommandContext): Promise<number> {
  const client = await context.client();
  const now = context.host.now();
  await printList(context, {
    items: await client.listKernels({ signal: context.signal }),
    uid: (kernel) => kernel.metadata.uid,
    columns: KERNEL_COLUMNS,
    row: (kernel) => kernelRow(kernel, now),
    docker: (kernel) => dockerKernel(kernel, now),
  });
  return 0;
}
