// Declared VMs: a repository of 1,000 manifests looked at with one changed and with nothing changed, the plan of 100,
// and how fast manifests are read. VMs stand in as records; git is the real one.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type DeclaredVm, parseManifest, validateVm, type Vm } from '@ignite/api';
import { planAll } from '../../engine/src/declare/plan.ts';
import { hostCommands } from '../../engine/src/host/index.ts';
import type { VmLook } from '../../engine/src/lifecycle/index.ts';
import { sourcePlace } from '../../engine/src/state/index.ts';
import { decodeDocument } from '../../packages/api/src/manifest/decode.ts';
import { gitOrigin } from '../../packages/daemon/src/sources/git/origin.ts';
import { createTreeParser } from '../../packages/daemon/src/sources/parse-tree.ts';
import type { Tree } from '../../packages/daemon/src/sources/port.ts';
import { vmRecord } from '../fixtures/vm-record.ts';
import { makePusher } from '../integration/gitops/repository.ts';
import type { Bench } from './place.ts';
import { median, mib, ms, print } from './table.ts';

const VMS = 1_000;
const PLANNED = 100;
const READ_MS = 2_000;

/** Prints the table. */
export async function benchDeclare(_bench: Bench, rounds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-bench-'));
  try {
    const repository = await benchRepository(folder, Math.min(rounds, 9));
    const rows = [...repository, ...benchReading()];
    print(`Declared VMs: a repository of ${VMS} manifests`, ['what', 'median', 'wanted'], rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function manifestOf(index: number, cpus: number): string {
  return `# VM ${index} of a fleet
apiVersion: ignite.vm/v1beta1
kind: VM
metadata:
  name: vm-${index}
  labels: {fleet: bench, host: "h${index % 10}"}
spec:
  image: {oci: "registry.example/app:1.2"}
  cpus: ${cpus}
  memory: 1GB
  diskSize: 8GB
  env: [A=1, B=two]
  restartPolicy: {name: always}
  network:
    ports:
    - {hostPort: ${20_000 + index}, vmPort: 80}
`;
}

async function benchRepository(folder: string, rounds: number): Promise<readonly (readonly string[])[]> {
  const repo = makePusher(folder);
  await repo.push(
    Object.fromEntries(
      Array.from({ length: VMS }, (_, index) => [`vms/${index % 20}/${index}.yaml`, manifestOf(index, 1)]),
    ),
  );
  const place = (manager: string) => sourcePlace(join(folder, 'state'), manager);
  const source = { url: `file://${repo.bare}` };
  const signal = AbortSignal.timeout(600_000);
  const looks = loadedVms(`git:${source.url}`);
  const before = heap(); // with the VMs, before anybody looks at the repository
  const origin = await gitOrigin({ source, commands: hostCommands(), place, environment: {} });
  const parser = createTreeParser({ finish: async (object) => object, stamp: async () => undefined });
  let tree: Tree | undefined;
  const round = async () => {
    const listing = await origin.list(signal);
    if (listing !== undefined) tree = await parser.parse(listing, signal);
    return planAll({ manager: origin.manager, objects: tree?.objects ?? [], prune: () => true }, looks, {});
  };
  await round();
  const changed: number[] = [];
  for (let index = 0; index < rounds; index += 1) {
    await repo.push({ 'vms/7/7.yaml': manifestOf(7, 2 + index) });
    const begun = performance.now();
    const plan = await round();
    changed.push(performance.now() - begun);
    if (plan.filter(({ action }) => action !== 'keep').length !== 1)
      throw new Error('Not one VM was to be changed');
  }
  const grown = heap() - before;
  const idle: number[] = [];
  for (let index = 0; index < rounds; index += 1) {
    const start = await processorMs();
    await round();
    idle.push((await processorMs()) - start);
  }
  const hundred = tree?.objects.slice(0, PLANNED) ?? [];
  const planned = Array.from({ length: 21 }, () => {
    const begun = performance.now();
    planAll({ manager: origin.manager, objects: hundred }, looks, {});
    return performance.now() - begun;
  });
  return [
    ['one changed: from the fetch to the plan', ms(median(changed)), '≤ 1 s'],
    ['nothing changed: processor time of the daemon and of git', ms(median(idle)), '≤ 200 ms'],
    ['heap above the VMs, after all looks', mib(Math.max(0, grown)), '≤ 60 MiB'],
    [`plan of ${PLANNED} VMs among ${VMS}`, ms(median(planned)), '≤ 500 ms'],
  ];
}

/** The VMs that an apply of the repository would have made. */
function loadedVms(manager: string): readonly VmLook[] {
  return Array.from({ length: VMS }, (_, index) => {
    const [manifest] = parseManifest(manifestOf(index, 1), `vms/${index % 20}/${index}.yaml`);
    if (manifest?.kind !== 'VM') throw new Error('Not a VM');
    const { metadata, spec, origin } = manifest;
    return lookOf({ metadata, spec, origin: { ...origin } }, manager);
  });
}

/** Our own and of programs that ended, in milliseconds: utime, stime, cutime, cstime of proc_pid_stat(5) in ticks of 10 ms. */
async function processorMs(): Promise<number> {
  const { user, system } = process.cpuUsage();
  const fields = (await readFile('/proc/self/stat', 'utf8')).replace(/^.*\) /s, '').split(' ');
  return (user + system) / 1000 + (Number(fields[13]) + Number(fields[14])) * 10;
}

function benchReading(): readonly (readonly string[])[] {
  const text = manifestOf(1, 1);
  const object: unknown = {
    apiVersion: 'ignite.weave.works/v1alpha4',
    kind: 'VM',
    metadata: { name: 'a', uid: '0123456789abcdef' },
    spec: {
      image: { oci: 'a:1' },
      cpus: 2,
      memory: '1GB',
      network: { ports: [{ hostPort: 80, vmPort: 80, protocol: 'tcp' }] },
    },
    status: { running: true },
  };
  const converted = perSecond(() => {
    const decoded = decodeDocument(object, { file: 'a', line: 1 });
    if (!decoded.ok || decoded.manifest.kind !== 'VM' || validateVm(decoded.manifest).length > 0)
      throw new Error('Wrong');
  });
  const parsed = perSecond(() => void parseManifest(text, 'a.yaml'));
  return [
    ['conversion and validation of a parsed manifest', `${Math.round(converted)}/s`, '≥ 5,000/s'],
    ['the same from YAML, with positions', `${Math.round(parsed)}/s`, '≥ 2,000/s'],
  ];
}

/** Of processor time: others may have the machine too. */
function perSecond(work: () => void): number {
  for (let index = 0; index < 500; index += 1) work();
  const begun = performance.now();
  const start = process.cpuUsage();
  let count = 0;
  for (; performance.now() - begun < READ_MS; count += 1) work();
  return count / (process.cpuUsage(start).user / 1e6);
}

/** What an apply of the object would have stored. */
function lookOf({ metadata, spec, origin }: DeclaredVm, manager: string): VmLook {
  const name = metadata.name ?? '';
  const own = { ...metadata, name, uid: name, created: '2026-01-01T00:00:00Z' };
  const history = { restarts: 0, seeded: true };
  const record = vmRecord(name, spec, { manager, origin, metadata: own, history });
  const status = { running: true, state: 'running' } as Vm['status']; // the planner looks at no more
  return {
    record,
    vm: { kind: 'VM', apiVersion: 'ignite.vm/v1beta1', metadata: own, spec: record.spec, status },
  };
}

/** Of what lives: garbage is collected first. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}
