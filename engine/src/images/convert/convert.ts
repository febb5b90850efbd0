// The conversion: layers in their order become one ext4 image. Runs in the worker.
import { ftruncate } from 'node:fs';
import { promisify } from 'node:util';
import { createExt4Writer, type Ext4Writer } from '@ignite/ext4';
import type { ConvertJob, ExportJob, Found } from '../../worker/messages.ts';
import { applyLayer } from './apply-layer.ts';
import { descriptorSink } from '../../worker/descriptor-sink.ts';
import { contentBytes, findInit, hasSshd } from './inspect.ts';
import { layerBytes, newBudget } from './layer-bytes.ts';

const truncate = promisify(ftruncate);

/**
 * Applies all layers to a writer over `output`.
 * @param inputs compressed bytes of each layer
 */
export async function mergeLayers(
  job: ConvertJob | ExportJob,
  inputs: readonly AsyncIterable<Uint8Array>[],
  writer: Ext4Writer,
): Promise<void> {
  const budget = newBudget();
  for (const [index, layer] of job.layers.entries()) {
    const input = inputs[index];
    if (input === undefined) throw new Error(`Layer ${index} has no input`);
    const bytes = layerBytes(layer, input, job.limits, budget);
    await applyLayer(writer, layer, bytes.content, job.limits, budget);
    await bytes.finish();
  }
}

/** Writes the image to the open file `output` and returns what is in it. */
export async function convert(
  job: ConvertJob,
  inputs: readonly AsyncIterable<Uint8Array>[],
  output: number,
): Promise<Found> {
  const writer = createExt4Writer({
    sink: descriptorSink(output),
    label: job.label,
    uuid: Buffer.from(job.uuid, 'hex'),
    hashSeed: Buffer.from(job.hashSeed, 'hex'),
    epochSeconds: 0,
    maximumEntries: job.limits.maxEntries,
    maximumBytes: job.limits.maxUnpackedBytes * 2,
  });
  await mergeLayers(job, inputs, writer);
  const init = findInit(writer);
  const facts = {
    size: contentBytes(writer),
    hasSshd: hasSshd(writer),
    ...(init === undefined ? {} : { init }),
  };
  const result = await writer.finish();
  await truncate(output, result.bytes);
  return { bytes: result.bytes, entries: result.entries, ...facts };
}
