// A VM whose record cannot be read is listed all the same: under its folder's name, with file and position.
import { DEFAULTS, fillSpec, IgniteError, type Vm } from '@ignite/api';
import { API_VERSION } from '@ignite/api/limits';
import type { BrokenObject } from '../state/index.ts';

/** Shown where the image is unknown; not a reference that could be pulled. */
const UNKNOWN = 'unknown';
const NEVER = new Date(0).toISOString();

/** The served form of a broken VM: everything but its state is unknown. */
export function describeBroken(broken: BrokenObject): Vm {
  const spec = fillSpec({ image: { oci: UNKNOWN }, running: false });
  if (spec === undefined) throw new IgniteError('vm/broken', `The VM ${broken.folder} is broken`);
  return {
    kind: 'VM',
    apiVersion: API_VERSION,
    metadata: { name: broken.folder, uid: broken.folder, created: NEVER },
    spec,
    status: {
      running: false,
      runtime: { id: '', name: '' },
      network: { plugin: '', ipAddresses: [] },
      idPrefix: DEFAULTS.idPrefix,
      state: 'broken',
      reason: broken.problem.code,
      detail: broken.problem.message,
      restarts: 0,
      agent: 'none',
      manager: UNKNOWN,
    },
  };
}
