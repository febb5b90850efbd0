// The second part of `make test-lab`: a machine with Debian and systemd in which Ignite is installed from `make dist` by
// its own instructions, and VMs run below its units. It loses its power, boots, is shut down, boots again; a test file
// of test/lab/tests looks after each. What the machine's console showed stays in build/lab/results/reboot-N.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runProgram } from '../e2e/world/program.ts';
import { LAB_FOLDER, labBase } from './base.ts';
import { runLab } from './machine.ts';
import { ATTEMPTS, ownPanic } from './own-panic.ts';
import { makePayload } from './payload.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TIMEOUT_MS = 20 * 60_000;
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x64';
const { VERSION = '1.0.0', LAB_DIST = '' } = process.env;
const NAME = `ignite-${VERSION}-linux-${ARCHITECTURE}`;
/** What the machine says when it is ready to lose its power. */
const READY = 'LAB: take the power away';

/** Files of test/lab/tests, in the order of the boots. */
const BOOTS = ['reboot-install.test.ts', 'reboot-reset.test.ts', 'reboot-shutdown.test.ts'] as const;

/** Runs the tests of one boot; after the first the machine waits for the end of its power. */
const SCRIPT = `#!/bin/sh
set -eu
dist=/payload/${NAME}
boot=$(cat /lab-boot 2>/dev/null || echo 0)
echo $((boot + 1)) > /lab-boot
export HOME=/root
if [ "$boot" = 0 ]; then
  mkdir -p -m 0711 /var/lib/ignite
  cp -a /payload/state/. /var/lib/ignite/
  # In emulation the trial of KVM would take longer than its deadline.
  cat > /etc/systemd/system/lab-verdict.service <<'UNIT'
[Unit]
Before=ignited.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'mkdir -p -m 0711 /run/ignite; printf "{\\\\"bootId\\\\":\\\\"%%s\\\\",\\\\"kvm\\\\":{\\\\"trusted\\\\":true}}" "$(cat /proc/sys/kernel/random/boot_id)" > /run/ignite/host.json; nft list ruleset > /dev/null'
[Install]
WantedBy=multi-user.target
UNIT
  systemctl enable --now lab-verdict.service
  sh $dist/install.sh
  ignite system install
fi
cd /payload/test/lab/tests
case $boot in
  0) test=${BOOTS[0]} ;;
  1) test=${BOOTS[1]} ;;
  *) test=${BOOTS[2]} ;;
esac
$dist/lib/ignite/node --test --test-concurrency=1 --test-reporter=tap $test
if [ "$boot" = 0 ]; then
  echo '${READY}'
  sleep infinity
fi
`;

const scratch = await mkdtemp(join(tmpdir(), 'ignite-reboot-'));
try {
  const payload = join(scratch, 'payload');
  const tarball = LAB_DIST === '' ? join(ROOT, 'build', `${NAME}.tar.gz`) : resolve(LAB_DIST);
  await makePayload(payload, { tarball, programs: [], tests: [] });
  await writeFile(join(payload, 'run'), SCRIPT, { mode: 0o755 });
  process.exitCode = await run(payload);
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function run(payload: string): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const failed = await firstFailure(payload);
    if (failed === undefined) return 0;
    const panic = await ownPanic(failed);
    console.error(`What the machine's console showed is in ${failed}.`);
    if (panic === undefined || attempt === ATTEMPTS) return 1;
    console.error(
      `Its own kernel panicked (${panic}). Once more: its emulated processor is the likely cause.`,
    );
  }
}

/** All boots with a new disk, as far as their tests pass. @returns the results of the boot that did not; undefined if all did */
async function firstFailure(payload: string): Promise<string | undefined> {
  const disk = join(scratch, 'disk.qcow2');
  await makeDisk(disk);
  for (const [boot, name] of BOOTS.entries()) {
    const started = performance.now();
    const results = join(LAB_FOLDER, 'results', `reboot-${boot + 1}`);
    await rm(results, { recursive: true, force: true });
    console.log(`\n# Boot ${boot + 1}: ${name}`);
    const good = await oneBoot({ payload, disk, results, losesPower: boot === 0 });
    console.log(
      `# ${good ? 'passed' : 'failed'} after ${Math.round((performance.now() - started) / 1000)} s`,
    );
    if (!good) return results;
  }
  return undefined;
}

async function makeDisk(path: string): Promise<void> {
  const { root } = await labBase();
  const words = ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', root, path];
  const made = await runProgram(['qemu-img', ...words], { timeoutMs: 60_000 });
  if (made.code !== 0) throw new Error(made.stderr);
}

interface Boot {
  readonly payload: string;
  readonly disk: string;
  readonly results: string;
  readonly losesPower: boolean;
}

/** Whether the tests of this boot passed. */
async function oneBoot({ losesPower, ...boot }: Boot): Promise<boolean> {
  const power = new AbortController();
  let said = '';
  const onOutput = (text: string) => {
    process.stdout.write(text);
    said = (said + text).slice(-4096);
    if (losesPower && said.includes(READY)) power.abort();
  };
  const { signal } = power;
  const code = await runLab({ ...boot, scratch, timeoutMs: TIMEOUT_MS, onOutput, signal });
  return losesPower ? signal.aborted : code === 0;
}
