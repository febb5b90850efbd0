// In-use protection of images and kernels: what VMs are made from stays, or goes with them under force.
import { IgniteError, type Vm } from '@ignite/api';
import type { Call, Engine } from '@ignite/engine';

/** Whether a VM was made from the image of a manifest, as it is when first asked: a VM may be made before that. */
export function digestsInUse({ vms }: Pick<Engine, 'vms'>): (digest: string) => boolean {
  let used: ReadonlySet<string | undefined> | undefined;
  return (digest) => {
    used ??= new Set(vms.list().map((vm) => vm.bound?.imageDigest));
    return used.has(digest);
  };
}

/** So many are named; who has more lists them (`ignite ps -a`). */
const MOST_NAMES = 10;

function namesOf(users: readonly Vm[]): string {
  const names = users.slice(0, MOST_NAMES).map((vm) => vm.metadata.name);
  const more = users.length - names.length;
  return `the VM${users.length > 1 ? 's' : ''} ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * @throws IgniteError `vm/uses-it` naming the VMs; with `force` they are removed instead, each reported as a note
 */
export async function requireUnused(
  { vms }: Pick<Engine, 'vms'>,
  object: { readonly uid: string; readonly reference: string },
  force: boolean,
  call: Call,
): Promise<void> {
  const users = vms.usersOf(object.uid);
  if (users.length > 0 && !force) {
    throw new IgniteError('vm/uses-it', `${object.reference} is in use by ${namesOf(users)}`);
  }
  for (const vm of users) {
    call.report({
      kind: 'note',
      text: `Removing the VM ${vm.metadata.name}, which uses ${object.reference}`,
    });
    await vms.remove(vm.metadata.uid, true, call);
  }
}
