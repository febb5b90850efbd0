// Claims of what a VM's namespace is made of.
import type { Claims, Resource } from '../../state/port.ts';

/** Marks those of the resources that are claimed as gone. */
export async function markGone(claims: Claims, resources: readonly Resource[]): Promise<void> {
  const live = claims.live();
  for (const { kind, name } of resources)
    if (live.some((claim) => claim.kind === kind && claim.name === name)) await claims.gone({ kind, name });
}
