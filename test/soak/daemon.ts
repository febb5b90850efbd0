// The daemon of the soak test and of tests that kill one: an engine with stand-in VMs on a folder. Orders come as JSON lines on stdin, one answer each
// goes to stdout; the end of stdin is its end. Run with Node's words of bin/ignited, and tidied as ignited is.
import { readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { getHeapSpaceStatistics } from 'node:v8';
import { isIgniteError } from '@ignite/api';
import { pointsFor } from '../../engine/src/wiring/fault-points.ts';
import { giveMemoryBack } from '../../packages/daemon/src/tidy.ts';
import { CALL, SERVES, START } from '../integration/lifecycle/house.ts';
import { easyOutside, openFolder } from '../integration/lifecycle/world.ts';
import type { Facts, Order } from './orders.ts';

const [root = ''] = process.argv.slice(2);
const outside = easyOutside();
const { vms, rooms, ...engine } = await openFolder(root, outside);

/** Answers with the UID, or nothing. */
async function obey({ verb, name }: Order): Promise<object> {
  switch (verb) {
    case 'run':
      await create(name);
      await start(name);
      return {};
    case 'create':
      await create(name);
      return {};
    case 'start':
      await start(name);
      return {};
    case 'stop':
      await vms.stop(name, CALL);
      return {};
    case 'rm':
      await vms.remove(name, true, CALL);
      return {};
    case 'pids':
      return pidsOf(name);
    case 'list':
      return { names: vms.list().map(({ metadata }) => metadata.name) };
    case 'facts':
      return facts();
    case 'fault':
      outside.points = pointsFor(name, () => process.kill(process.pid, 'SIGKILL'));
      return {};
  }
}

async function create(name: string): Promise<void> {
  const spec = { image: { oci: 'registry.test/image:1' }, kernel: { cmdLine: SERVES } };
  await vms.create({ metadata: { name }, spec }, CALL);
}

async function start(name: string): Promise<void> {
  await vms.start(name, { ...START, timeoutSeconds: 60 });
}

async function pidsOf(name: string): Promise<{ readonly supervisor: number; readonly vmm: number }> {
  const { bound, status } = vms.inspect(name);
  const handle = await rooms.supervisor.adopt(`${root}/run/${bound?.slot}`, AbortSignal.timeout(5_000));
  handle?.close();
  return { supervisor: handle?.process.pid ?? 0, vmm: Number(status.runtime.id) };
}

async function facts(): Promise<Facts> {
  for (const kept of [engine.events, engine.times]) kept.length = 0; // which this harness alone keeps
  for (let round = 0; round < 3; round += 1) {
    giveMemoryBack();
    await new Promise(setImmediate);
  }
  return {
    heap: heapOfObjects(),
    resident: process.memoryUsage.rss(),
    descriptors: (await readdir('/proc/self/fd')).length,
  };
}

/** Without what V8 compiles: code that has become hot is more code, and nothing that the program keeps. */
function heapOfObjects(): number {
  const objects = getHeapSpaceStatistics().filter(({ space_name: name }) => !/^(code|trusted)_/.test(name));
  return objects.reduce((sum, { space_used_size: bytes }) => sum + bytes, 0);
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  void obey(order).then(
    (answer) => process.stdout.write(`${JSON.stringify({ id: order.id, ...answer })}\n`),
    (error: unknown) => {
      const code = isIgniteError(error) ? error.code : String(error);
      process.stdout.write(`${JSON.stringify({ id: order.id, error: code })}\n`);
    },
  );
}
await engine[Symbol.asyncDispose]();
process.exit(0);
