// `ignite import-state`: VMs of the original, made here under the same names and UIDs.
import { resolve } from 'node:path';
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { showProgress } from '../output/progress.ts';
import { readOriginalState } from '../request/original-state.ts';
import { pullOptions } from '../request/pull-options.ts';
import { itemFailure } from './shared/item-failure.ts';

const ORIGINAL = '/var/lib/firecracker';

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, operands, out, signal } = context;
  const state = await readOriginalState(resolve(host.cwd, operands[0] ?? ORIGINAL));
  const references = [
    ...new Set(state.vms.flatMap(({ spec }) => [spec.image?.oci ?? '', spec.kernel?.oci ?? ''])),
  ];
  const used = new Set(references);
  const client = await context.client();
  const view = showProgress(out);
  const body = {
    objects: [...state.vms],
    ...(flags.bool('dry-run') ? { dryRun: true } : {}),
    ...(await pullOptions(
      host,
      flags,
      references.filter((one) => one !== ''),
    )),
  };
  const { items } = await client.apply(body, { signal, report: view.report }).finally(view.done);
  for (const item of items) {
    if (item.error === undefined)
      out.data(
        `${escapeText(item.name)} ${flags.bool('dry-run') ? `${item.action} (dry run)` : item.action === 'create' ? 'created' : 'here already'}`,
      );
    else await itemFailure(out, item);
  }
  for (const note of state.notes) out.warn(escapeText(note));
  for (const image of state.images)
    if (!used.has(image))
      out.warn(
        `${escapeText(image)}: no VM uses it; \`ignite pull ${escapeText(image)}\` takes it from its registry`,
      );
  for (const kernel of state.kernels)
    if (!used.has(kernel))
      out.warn(
        `${escapeText(kernel)}: no VM names it; \`ignite kernel import ${escapeText(kernel)}\` takes it`,
      );
  return items.some((item) => item.error !== undefined) ? 1 : 0;
}
