// The second part of `make test-lab`: a machine with Debian and systemd in which Ignite is installed from `make dist` by
// its own instructions, and VMs run below its units. It loses its power, boots, is shut down, boots again; a test file
// of test/lab/tests looks after each.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runProgram } from '../e2e/world/program.ts';
import { labBase } from './base.ts';
import { runLab } from './machine.ts';
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
  process.exitCode = (await allBoots(payload)) ? 0 : 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** Whether the tests of all boots passed. */
async function allBoots(payload: string): Promise<boolean> {
  const { root } = await labBase();
  const disk = join(scratch, 'disk.qcow2');
  const words = ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', root, disk];
  const made = await runProgram(['qemu-img', ...words], { timeoutMs: 60_000 });
  if (made.code !== 0) throw new Error(made.stderr);
  for (const [boot, name] of BOOTS.entries()) {
    const started = performance.now();
    console.log(`\n# Boot ${boot + 1}: ${name}`);
    const good = await oneBoot(payload, disk, boot === 0);
    console.log(
      `# ${good ? 'passed' : 'failed'} after ${Math.round((performance.now() - started) / 1000)} s`,
    );
    if (!good) return false;
  }
  return true;
}

async function oneBoot(payload: string, disk: string, losesPower: boolean): Promise<boolean> {
  const power = new AbortController();
  let said = '';
  const onOutput = (text: string) => {
    process.stdout.write(text);
    said = (said + text).slice(-4096);
    if (losesPower && said.includes(READY)) power.abort();
  };
  const { signal } = power;
  const code = await runLab({ payload, scratch, disk, timeoutMs: TIMEOUT_MS, onOutput, signal });
  return losesPower ? signal.aborted : code === 0;
}
