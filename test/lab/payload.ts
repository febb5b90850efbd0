// What goes into the lab: the built Ignite, a state directory with an image and a kernel made outside (imports are slow
// in emulation), the test files, and the VMM that is to be tested.
import { chmod, cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { runProgram } from '../e2e/world/program.ts';
import { labBase } from './base.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const IGNITE = join(ROOT, 'bin/ignite');
const IMPORT_MS = 10 * 60_000;
const MODULES = 'linux-image-cloud-amd64';
/** Name of our kernel in the lab. */
const OWN_KERNEL = 'own';

export interface Payload {
  /** The distribution made by `make dist`. */
  readonly tarball: string;
  /** Programs that are put into /usr/local/bin under their base name or the one given. */
  readonly programs: readonly { readonly path: string; readonly name: string }[];
  /** The VMM whose contract is run alone; absent: every one that is there. */
  readonly vmm?: string;
  /** Folder of a kernel of ours, which is put there as `own`. */
  readonly ownKernel?: string;
  /** Only VMs with our kernel are tried. */
  readonly onlyOwnKernel?: boolean;
  /** Test files of test/lab/tests. */
  readonly tests: readonly string[];
}

/** Fills `folder`, which must not be there. */
export async function makePayload(folder: string, payload: Payload): Promise<void> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  await must(['tar', '-xzf', payload.tarball, '-C', folder]);
  const [distribution = ''] = (await readdir(folder)).filter((name) => name.startsWith('ignite-'));
  await prepareState(join(folder, 'state'), join(folder, 'prepare'), payload.ownKernel);
  for (const { path, name } of payload.programs) {
    await cp(path, join(folder, 'bin', name));
    await chmod(join(folder, 'bin', name), 0o755);
  }
  for (const name of ['lab/tests', 'contract'])
    await cp(join(ROOT, 'test', name), join(folder, 'test', name), { recursive: true });
  await cp((await labBase()).kernel, join(folder, 'vmlinuz'));
  await writeFile(join(folder, 'run'), runScript(distribution, payload), { mode: 0o755 });
}

function runScript(distribution: string, { tests, vmm, ownKernel, onlyOwnKernel }: Payload): string {
  const kernels = [...(onlyOwnKernel === true ? [] : ['']), ...(ownKernel === undefined ? [] : [OWN_KERNEL])];
  return `#!/bin/sh
set -eu
cp -a /payload/bin/. /usr/local/bin/
sh /payload/${distribution}/install.sh >/dev/null
mkdir -p /var/lib/ignite && mount --bind /payload/state /var/lib/ignite
chmod 711 /payload /payload/state
mkdir -p /run/ignite /boot && ln -s /payload/vmlinuz "/boot/vmlinuz-$(uname -r)" # what the lab runs, where Debian keeps it
# In emulation the trial of KVM would take longer than its deadline.
printf '{"bootId":"%s","kvm":{"trusted":true}}' "$(cat /proc/sys/kernel/random/boot_id)" > /run/ignite/host.json
nft list ruleset >/dev/null # the first call loads modules
until ignite ps >/dev/null 2>&1; do sleep 1; done
${vmm === undefined ? '' : `export LAB_VMM=${vmm}`}
export LAB_KERNELS='${kernels.join(',')}'
export LAB_NODE=/payload/${distribution}/lib/ignite/node
cd /payload/test/lab/tests
export CONTRACT_KEEP=/payload/results/vms
mkdir -p "$CONTRACT_KEEP"
set +e
"$LAB_NODE" --test --test-concurrency=1 --test-reporter=spec --test-reporter-destination=stdout \\
  --test-reporter=junit --test-reporter-destination=/payload/results/junit.xml ${tests.map((name) => basename(name)).join(' ')}
status=$?
ignite ps -a
for folder in /var/lib/ignite/vms/*/; do [ ! -d "$folder/log" ] || cp -r "$folder/log" "$CONTRACT_KEEP/$(basename "$folder")"; done
exit $status
`;
}

/** An image of busybox named lab, the distribution's kernel and, where there is one, ours, put into a state directory by the program under test. */
async function prepareState(state: string, scratch: string, ownKernel?: string): Promise<void> {
  const env = { IGNITE_STATE_DIR: state, IGNITE_RUN_DIR: join(scratch, 'run') };
  const root = join(scratch, 'root');
  for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'root'])
    await mkdir(join(root, name), { recursive: true });
  await cp('/bin/busybox', join(root, 'bin/busybox'));
  const { stdout } = await must(['/bin/busybox', '--list']);
  for (const applet of stdout.trim().split('\n'))
    if (applet !== 'busybox') await symlink('busybox', join(root, 'bin', applet));
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n');
  const archive = join(scratch, 'root.tar');
  await must(['tar', '-C', root, '-cf', archive, '.']);
  try {
    await must([IGNITE, 'import', archive, 'lab:1', '-c', 'CMD ["sh"]'], env);
    await must([IGNITE, 'kernel', 'import', `apt:${MODULES}`], env);
    if (ownKernel !== undefined)
      await must([IGNITE, 'kernel', 'import', '--name', OWN_KERNEL, ownKernel], env);
  } finally {
    await must([IGNITE, 'system', 'stop'], env);
    await rm(scratch, { recursive: true, force: true });
  }
}

async function must(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const ended = await runProgram(argv, { timeoutMs: IMPORT_MS, env });
  if (ended.code !== 0) throw new Error(`${argv.join(' ')} failed:\n${ended.stdout}${ended.stderr}`);
  return ended;
}
