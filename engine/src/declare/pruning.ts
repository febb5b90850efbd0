// When a source may remove what it declares no more (DESIGN D11). Pure.

interface Pruning {
  /** Whether VMs may be removed now. */
  readonly allowed: boolean;
  /** Why not, in words; absent where nothing is to be removed. */
  readonly why?: string;
  /** A person may allow it with `ignite gitops approve`. */
  readonly approvable: boolean;
}

/** Up to so many are removed without a question, whatever share of the source they are. */
const FEW = 3;

interface PruneFacts {
  /** The tree was fetched and every file of it understood. */
  readonly complete: boolean;
  /** Objects the source declares now. */
  readonly declared: number;
  /** Objects it manages. */
  readonly managed: number;
  /** Of these, declared no more. */
  readonly gone: number;
  /** A person allowed the removal for exactly this revision. */
  readonly approved: boolean;
}

/** An empty tree, or more than three objects and half of a source, wait for a person. */
export function pruningOf(facts: PruneFacts): Pruning {
  const { complete, declared, managed, gone, approved } = facts;
  if (gone === 0) return { allowed: true, approvable: false };
  if (!complete)
    return {
      allowed: false,
      approvable: false,
      why: `${gone} of ${managed} VMs are declared no more; not removed while a file cannot be read`,
    };
  const tooMany = declared === 0 || (gone > FEW && gone * 2 > managed);
  if (!tooMany || approved) return { allowed: true, approvable: false };
  return {
    allowed: false,
    approvable: true,
    why: `${gone} of ${managed} VMs are declared no more; waiting for approval before they are removed`,
  };
}
