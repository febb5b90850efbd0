// A manifest as the original rewrote it (GIT-30, GIT-31): canonical v1alpha4 with all defaults, the ids of image and
// kernel, and whether it should run. Comments and order are lost, which is why one has to ask for it.
import { stringify } from 'yaml';
import type { VmManifest } from '../manifest/object.ts';
import type { Vm } from '../kinds/vm.ts';
import { toVersion } from './print.ts';

/**
 * The whole text of the file.
 * @param written the object as the file says it now: what only this host knows of it stays out
 */
export function originalForm(vm: Vm, written: Pick<VmManifest, 'metadata' | 'spec'>, file: string): string {
  const document = toVersion(vm, 'v1alpha4');
  const { ssh, copyFiles } = written.spec;
  const { created } = written.metadata;
  const whole = {
    ...document,
    metadata: { ...vm.metadata, ...(created === undefined ? {} : { created }) },
    spec: {
      ...asObject(document['spec']),
      ...(ssh === undefined ? {} : { ssh }),
      ...(copyFiles === undefined ? {} : { copyFiles }),
    },
    status: statusOf(vm, asObject(document['status'])),
  };
  return /\.json$/i.test(file) ? `${JSON.stringify(whole, undefined, 2)}\n` : stringify(whole);
}

/** What does not change while it runs (GIT-32), and the intent in the place of the fact. */
function statusOf({ spec, status }: Vm, { image, kernel }: Readonly<Record<string, unknown>>) {
  return {
    running: status.override ?? spec.running,
    runtime: {},
    network: {},
    ...(image === undefined ? {} : { image }),
    ...(kernel === undefined ? {} : { kernel }),
    idPrefix: '',
  };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
