// Before all test files: a folder, a registry with images, a daemon started on demand, a kernel. After them, whatever
// happened: every VM removed, the daemon ended, and nothing of it left on the host.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DockerRegistry, startDockerRegistry } from '../../registry/index.ts';
import { clearCutRuns, clearOwn, noteRunner, removeAll } from './cut-runs.ts';
import { prepareMachine, pushBusybox } from './images.ts';
import { prepareKernel } from './kernel.ts';
import { builderTraces, findLeftovers, findProcesses, killNow, readMark } from './leftovers.ts';
import { type Place, PLACE_VARIABLE, placeAt, REGISTRY_VARIABLE, RUN_PREFIX, variablesOf } from './place.ts';

/** The kernel is imported beforehand: a test that finds none must fail, not download one. */
const configurationOf = ({ root }: Place) => `apiVersion: ignite.vm/v1beta1
kind: Configuration
metadata: {name: e2e}
spec:
  kernel: {autoDownload: false}
  cni: {configurations: ${root}/cni}
  docker: {socket: ${root}/docker.sock}
  containerd: {socket: ${root}/containerd.sock, snapshotter: native}
`;

const running: { place?: Place; registry?: DockerRegistry; traces?: readonly string[] } = {};

/** Called by `node --test` before the first file; what it puts into the environment reaches every file. */
export async function globalSetup(): Promise<void> {
  try {
    await prepare();
  } catch (error) {
    await globalTeardown();
    throw error;
  }
}

async function prepare(): Promise<void> {
  await clearCutRuns();
  const place = placeAt(await mkdtemp(join(tmpdir(), RUN_PREFIX)));
  running.place = place;
  await noteRunner(place);
  await chmod(place.root, 0o711); // VMMs, which have users of their own, pass through it
  await mkdir(place.scratch);
  const variables = variablesOf(place);
  await writeFile(variables['IGNITE_CONFIG'] ?? '', configurationOf(place));
  running.registry = await startDockerRegistry();
  running.traces = await builderTraces();
  delete process.env['IGNITE_HOST'];
  Object.assign(process.env, {
    [PLACE_VARIABLE]: place.root,
    [REGISTRY_VARIABLE]: running.registry.host,
    ...variables,
  });
  await pushBusybox(running.registry.host, 'busybox');
  await prepareKernel(place);
  await prepareMachine(place);
}

/** Called after the last file. @throws Error with a list of what is left */
export async function globalTeardown(): Promise<void> {
  const { place, registry } = running;
  if (place === undefined) return;
  const failures = [...(await clearOwn(place)), ...(await removeAll(place))];
  const mark = await readMark(place);
  await registry?.[Symbol.asyncDispose]();
  const before = running.traces ?? [];
  const traces = (await builderTraces()).filter((trace) => !before.includes(trace));
  const left = [...failures, ...traces, ...(await findLeftovers(place, mark))];
  for (const { pid } of await findProcesses(place.root)) killNow(pid);
  await rm(place.root, { recursive: true, force: true });
  if (left.length === 0) return;
  process.stderr.write(`Left behind:\n${left.join('\n')}\n`); // the runner does not print what is thrown here
  throw new Error('Something was left behind');
}
