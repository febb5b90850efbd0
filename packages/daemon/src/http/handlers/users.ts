// In-use protection of images and kernels: what VMs are made from stays, or goes with them under force.
import { IgniteError } from '@ignite/api';
import type { Call, Engine } from '@ignite/engine';

/** Whether a VM was made from the image of a manifest, as it is when first asked: a VM may be made before that. */
export function digestsInUse({ vms }: Pick<Engine, 'vms'>): (digest: string) => boolean {
  let used: ReadonlySet<string | undefined> | undefined;
  return (digest) => {
    used ??= new Set(vms.list().map((vm) => vm.bound?.imageDigest));
    return used.has(digest);
  };
}

/**
 * @throws IgniteError `vm/uses-it` naming the VMs; with `force` they are removed instead, each told as a note
 */
export async function requireUnused(
  { vms }: Pick<Engine, 'vms'>,
  object: { readonly uid: string; readonly reference: string },
  force: boolean,
  call: Call,
): Promise<void> {
  const users = vms.usersOf(object.uid);
  if (users.length > 0 && !force) {
    const names = users.map((vm) => vm.metadata.name).join(', ');
    throw new IgniteError('vm/uses-it', `${object.reference} is in use by ${names}`);
  }
  for (const vm of users) {
    call.report({
      kind: 'note',
      text: `Removing the VM ${vm.metadata.name}, which uses ${object.reference}`,
    });
    await vms.remove(vm.metadata.uid, true, call);
  }
}
