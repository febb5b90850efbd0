// Words of other programs that are no commands here, with what to type instead.

/** Words of Docker, Compose, LXD and Multipass, and what does the same. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['buildx', '`ignite build` builds an image'],
  ['checkpoint', 'a running VM cannot be kept; `ignite cp VM:/ - | ignite import - IMAGE` keeps its files'],
  ['clone', '`ignite cp VM:/ - | ignite import - IMAGE` makes an image of the files of a VM'],
  ['commit', '`ignite cp VM:/ - | ignite import - IMAGE` makes an image of the files of a VM'],
  ['compose', '`ignite apply -f FOLDER` makes VMs as manifests declare them'],
  ['console', '`ignite attach --console VM` connects to its console'],
  ['destroy', '`ignite rm VM` removes a VM'],
  ['df', '`ignite system df` shows what takes room'],
  ['down', '`ignite delete -f FOLDER` removes the VMs that manifests declare'],
  ['export', '`ignite cp VM:/ - > FILE` writes the files of a VM as a tar archive'],
  ['history', '`ignite image inspect IMAGE` shows everything about an image'],
  ['launch', '`ignite run IMAGE` makes a VM and starts it'],
  ['list', '`ignite ps` lists VMs'],
  ['prune', '`ignite system prune` removes what nothing uses'],
  ['restore', 'nothing is restored; volumes (`ignite run -v NAME:/PATH`) outlive a VM'],
  ['search', 'no registry is searched; `ignite pull IMAGE` fetches an image by its name'],
  ['shell', '`ignite exec -it VM sh` is a shell in a VM'],
  ['snapshot', '`ignite cp VM:/ - | ignite import - IMAGE` makes an image of the files of a VM'],
  ['status', '`ignite ps` lists VMs, `ignite system status` tells of the daemon'],
  ['suspend', '`ignite pause VM` halts a VM'],
  ['sync', '`ignite run -v ./FOLDER:/PATH` shares a folder with a VM'],
  ['up', '`ignite apply -f FOLDER` makes VMs as manifests declare them'],
]);

/** What to type instead of a word of another tool, as the end of an error; empty for a word that is unknown. */
export function insteadOf(word: string): string {
  const instead = INSTEAD.get(word);
  return instead === undefined ? '' : `; ${instead}`;
}
