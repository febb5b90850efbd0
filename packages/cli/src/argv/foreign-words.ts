// Words and options of other programs that are none here, with what to type instead.

/** Words of Docker, Compose, LXD and Multipass, and what does the same. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['buildx', '`ignite build` builds an image'],
  ['checkpoint', 'a running VM cannot be kept; `ignite cp VM:/ - | ignite import - IMAGE` keeps its files'],
  ['clone', '`ignite cp VM:/ - | ignite import - IMAGE` makes an image of the files of a VM'],
  ['commit', '`ignite cp VM:/ - | ignite import - IMAGE` makes an image of the files of a VM'],
  ['compose', '`ignite apply -f FOLDER` makes VMs as manifests declare them'],
  ['connect', '`ignite exec -it VM sh` is a shell in a VM, `ignite ssh VM` goes by SSH'],
  ['console', '`ignite attach --console VM` connects to its console'],
  ['context', '`ignite --host SOCKET` speaks to another daemon'],
  [
    'daemon',
    '`ignited daemon` follows a folder of manifests; the daemon itself starts with the first command',
  ],
  ['describe', '`ignite inspect VM` shows everything about a VM'],
  ['destroy', '`ignite rm VM` removes a VM'],
  ['df', '`ignite system df` shows what takes room'],
  ['down', '`ignite delete -f FOLDER` removes the VMs that manifests declare'],
  ['export', '`ignite cp VM:/ - > FILE` writes the files of a VM as a tar archive'],
  ['history', '`ignite image inspect IMAGE` shows everything about an image'],
  ['install', '`sudo ignite system install` has the daemon start with the host'],
  ['ip', '`ignite ps` shows the addresses of VMs'],
  ['launch', '`ignite run IMAGE` makes a VM and starts it'],
  ['list', '`ignite ps` lists VMs'],
  ['prune', '`ignite system prune` removes what nothing uses'],
  ['reboot', '`ignite restart VM` stops a VM and starts it again'],
  ['restore', 'nothing is restored; volumes (`ignite run -v NAME:/PATH`) outlive a VM'],
  ['search', 'no registry is searched; `ignite pull IMAGE` fetches an image by its name'],
  ['service', '`ignite apply -f FOLDER` makes VMs as manifests declare them'],
  ['shell', '`ignite exec -it VM sh` is a shell in a VM'],
  ['shutdown', '`ignite stop VM` ends a VM in order'],
  ['snapshot', '`ignite cp VM:/ - | ignite import - IMAGE` makes an image of the files of a VM'],
  ['stack', '`ignite apply -f FOLDER` makes VMs as manifests declare them'],
  ['status', '`ignite ps` lists VMs, `ignite system status` tells of the daemon'],
  ['suspend', '`ignite pause VM` halts a VM'],
  ['swarm', 'a daemon keeps the VMs of one host; `ignite gitops URL` makes many hosts follow one repository'],
  ['sync', '`ignite run -v ./FOLDER:/PATH` shares a folder with a VM'],
  ['uninstall', '`sudo ignite system uninstall` takes everything off the host'],
  ['up', '`ignite apply -f FOLDER` makes VMs as manifests declare them'],
]);

/** What to type instead of a word of another tool, as the end of an error; empty for a word that is unknown. */
export function insteadOf(word: string): string {
  const instead = INSTEAD.get(word);
  return instead === undefined ? '' : `; ${instead}`;
}

/** Words that others have in a group, by both. */
const IN_GROUP: ReadonlyMap<string, string> = new Map([
  ['image delete', '`ignite image rm IMAGE` removes an image'],
  ['image history', '`ignite image inspect IMAGE` shows everything about an image'],
  ['image search', 'no registry is searched; `ignite pull IMAGE` fetches an image by its name'],
  ['kernel build', '`ignite kernel import FILE` brings a kernel that was built elsewhere'],
  ['kernel delete', '`ignite kernel rm KERNEL` removes a kernel'],
  ['kernel pull', '`ignite kernel import IMAGE` brings a kernel'],
  ['network connect', 'a VM joins networks when it is made: `ignite run --network NAME`'],
  ['network delete', '`ignite network rm NETWORK` removes a network'],
  ['network disconnect', 'a VM joins networks when it is made: `ignite run --network NAME`'],
  ['network prune', '`ignite network rm NETWORK` removes one; a network that no VM uses takes nothing'],
  ['system restart', '`ignite system stop`, and the next command starts the daemon again'],
  ['vm delete', '`ignite vm rm VM` removes a VM'],
  ['volume delete', '`ignite volume rm VOLUME` removes a volume'],
  ['volume update', '`ignite volume resize VOLUME SIZE` makes a volume larger'],
]);

/** The same for a word behind the name of a group; words for containers are words for VMs. */
export function insteadOfGroup(group: string, word: string): string {
  const instead = IN_GROUP.get(`${group} ${word}`);
  return instead === undefined ? (group === 'vm' ? insteadOf(word) : '') : `; ${instead}`;
}

const CPU =
  '--cpu-limit CORES caps what a VM takes from the processors of the host, --cpus is how many it has';
const MEMORY = '--memory SIZE is all the memory of a VM; swap is made inside';
const DISK = '--disk-bw and --disk-iops cap what a VM reads and writes';
const LOG = '`ignite logs VM` shows what was printed; the daemon bounds and keeps it';
const KERNEL = 'a VM has a kernel of its own: set it inside';

/** Options of Docker for containers, and what does the same for a VM. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ['--add-host', 'VMs of one network find each other by name; other names belong into /etc/hosts of the VM'],
  ['--blkio-weight', DISK],
  ['--cgroup-parent', 'a VM has a control group of its own'],
  ['--cidfile', '-d prints the UID'],
  ['--cpu-period', CPU],
  ['--cpu-quota', CPU],
  ['--cpu-shares', CPU],
  ['-c', CPU],
  ['--cpuset-cpus', CPU],
  ['--device-read-bps', DISK],
  ['--device-read-iops', DISK],
  ['--device-write-bps', DISK],
  ['--device-write-iops', DISK],
  ['--dns', '`ignite network create NETWORK --dns ADDRESS` makes a network with that resolver'],
  ['--dns-search', 'search domains belong into /etc/resolv.conf of the VM'],
  ['--domainname', '--hostname NAME.DOMAIN gives both'],
  ['--group-add', '-u USER:GROUP names the group'],
  ['--kernel-memory', MEMORY],
  ['--log-driver', LOG],
  ['--log-opt', LOG],
  ['--memory-reservation', MEMORY],
  ['--memory-swap', MEMORY],
  ['--memory-swappiness', MEMORY],
  ['--mount', '-v SOURCE:PATH[:ro] mounts a volume, a folder or a block device, --tmpfs PATH memory'],
  ['--network-alias', 'the VMs of a network find a VM by its --name'],
  ['--oom-kill-disable', MEMORY],
  ['--shm-size', '--tmpfs /dev/shm:size=SIZE mounts one of that size'],
  ['--storage-opt', '--size SIZE is the size of the root disk'],
  ['--sysctl', KERNEL],
  ['--ulimit', KERNEL],
]);

/** What to give instead of an option that others have; empty where it is nobody's. @param spelled with its dashes */
export function insteadOfFlag(spelled: string): string {
  return FLAGS.get(spelled) ?? '';
}
