// What absent-minded users type, and what each is told: the thing that is wrong, and what to type instead.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandTree } from '../commands/index.ts';
import { readArgv } from './index.ts';

/** A `·` is a blank inside of a word, `∅` an empty word. */
const words = (line: string) =>
  line.split(' ').map((word) => (word === '∅' ? '' : word.replaceAll('·', ' ')));

const rows: readonly (readonly [line: string, message: RegExp])[] = [
  // numbers and sizes
  ['run --cpus 0 IMG', /--cpus takes a whole number from 1 to 256, not "0"/],
  ['run --cpus 10000 IMG', /--cpus takes a whole number from 1 to 256, not "10000"/],
  ['run --cpus 1.5 IMG', /--cpus takes a whole number from 1 to 256, not "1\.5"/],
  ['run --cpus -1 IMG', /--cpus takes a whole number .*, not "-1"/],
  ['update web --cpus 0', /--cpus takes a whole number from 1 to 256, not "0"/],
  ['run --memory 12 IMG', /--memory takes a size from 64MB to 16TB .*, not "12"; without a unit it is bytes/],
  ['run -m 512 IMG', /-m takes a size .*, not "512"; without a unit it is bytes/],
  ['run --memory 0 IMG', /--memory takes a size from 64MB to 16TB such as 512MB or 4GB, not "0"$/],
  ['run --memory 1PB IMG', /--memory takes a size from 64MB to 16TB .*, not "1PB"$/],
  ['run --memory= IMG', /--memory takes a size .*, not ""/],
  ['run --memory 1.5GB IMG', /--memory takes a size .*, not "1\.5GB"/],
  ['update web --memory 12', /--memory takes a size .*, not "12"; without a unit it is bytes/],
  ['run --size 1 IMG', /--size takes a size from 1MB to 16TB .*, not "1"; without a unit it is bytes/],
  ['run -s 1PB IMG', /-s takes a size from 1MB to 16TB .*, not "1PB"/],
  ['run --size big IMG', /--size takes a size .*, not "big"/],
  // a value that was forgotten takes the next word
  ['run -p IMG', /ignite run needs IMAGE .*; "IMG" was taken as the value of -p$/],
  ['run --restart IMG', /"IMG" was taken as the value of --restart$/],
  ['create -d', /-d is no option of ignite create/],
  ['stop -t 5', /ignite stop needs VM\.\.\.; "5" was taken as the value of -t$/],
  ['run --name', /--name needs a value: NAME/],
  ['run --cpus=2 --memory=1GB', /ignite run needs IMAGE \[COMMAND \[ARG\.\.\.\]\]$/],
  // nearly right
  ['PS', /"PS" is no command of ignite; did you mean ps\?/],
  ['strat web', /did you mean start, stats\?/],
  ['runn IMG', /did you mean run\?/],
  ['run --cpu 2 IMG', /--cpu is no option of ignite run; did you mean --cpus, --cpu-limit\?/],
  ['run --port 80:80 IMG', /did you mean --ports\?/],
  ['run --mem 2GB IMG', /did you mean --memory\?/],
  ['run --envfile x IMG', /did you mean --env-file\?/],
  ['run --Name x IMG', /did you mean --name\?/],
  ['--bogus', /^--bogus is no option of ignite$/],
  ['-- ps', /-- stands behind the name of a command/],
  ['∅', /"" is no command of ignite/],
  ['-', /"-" is no command of ignite/],
  // other programs' words
  ['daemon', /`ignited daemon` follows a folder of manifests/],
  ['swarm init', /a daemon keeps the VMs of one host/],
  ['describe web', /`ignite inspect VM`/],
  ['network connect net web', /a VM joins networks when it is made: `ignite run --network NAME`/],
  ['image history IMG', /`ignite image inspect IMAGE`/],
  ['vm prune', /`ignite system prune`/],
  ['run --mount type=bind,src=/a,dst=/b IMG', /--mount is no option of ignite run; -v SOURCE:PATH/],
  ['run IMG --shm-size 1g', /--shm-size is no option of ignite run; --tmpfs \/dev\/shm:size=SIZE/],
  ['run --memory-swap 1g IMG', /--memory SIZE is all the memory of a VM/],
  ['run --dns 1.1.1.1 IMG', /`ignite network create NETWORK --dns ADDRESS`/],
  ['run -c 512 IMG', /-c is no option of ignite run; --cpu-limit CORES/],
  ['run --entrypoint sh IMG -c ls', /-c is no option .* put -- before it: ignite run IMG -- -c ls$/],
  ['update --cpu-shares 3 web', /--cpu-shares is no option of ignite update; --cpu-limit CORES/],
  ['exec -c 512 web ls', /^-c is no option of ignite exec$/],
  // a word too many
  ['ps web', /got "web"; `ignite ps -a -f name=NAME`/],
  ['apply vm.yaml', /got "vm\.yaml"; `ignite apply -f FILE` names a manifest/],
  ['diff vm.yaml', /`ignite diff -f FILE`/],
  ['convert vm.yaml', /`ignite convert -f FILE`/],
  ['volume create a b', /"b" is one operand too many/],
  ['images a b', /"b" is one operand too many/],
  ['images pus a', /ignite image has no command "pus"; did you mean push/],
  ['image xyzzy', /ignite image has no command "xyzzy"; it has build/],
  ['run --health-tcp 99999 IMG', /--health-tcp takes a whole number from 1 to 65535, not "99999"/],
  // closed sets of values
  ['run --vmm vmware IMG', /--vmm takes one of firecracker, cloud-hypervisor, qemu, not "vmware"/],
  ['run --runtime runc IMG', /--runtime takes one of process, containerd, docker, not "runc"/],
  ['run --network-plugin calico IMG', /--network-plugin takes one of bridge, .*, not "calico"/],
  ['run --pull sometimes IMG', /--pull takes one of missing, always, never, not "sometimes"/],
  ['run --policy open IMG', /--policy takes one of lan, public, isolated, none, not "open"/],
];

for (const [line, message] of rows)
  test(`ignite ${line}`, () => {
    const read = readArgv(commandTree, words(line));
    if (!('error' in read)) throw new Error(`was taken as ${read.command.path.join(' ')}`);
    assert.match(read.error instanceof Error ? read.error.message : '', message);
  });
