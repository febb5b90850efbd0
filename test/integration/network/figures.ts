// Prints what attaching a NIC and rebuilding the rules cost: `node test/integration/network/figures.ts`. Not a test.
import type { BridgeNic, PresentNic } from '../../../engine/src/network/index.ts';
import { contextFor, type Lab, makeLab } from './lab.ts';

const signal = AbortSignal.timeout(600_000);
const ROUNDS = 41;

const lab = await makeLab();
try {
  const start: number[] = [];
  for (let round = 0; round < ROUNDS; round++) start.push(await timed(() => lab.commands.run(['true'])));
  print('for comparison: one program started in the test’s host', start);

  const alone = await nicWithPorts(lab, 0, []);
  await lab.network.attach(alone, contextFor(0));
  print('attach, 1 VM, 1 port', await timeAttaches(lab, [alone]));
  print('attach, 1 VM, no port', await timeAttaches(lab, [alone], []));

  const nics = [alone];
  for (let slot = 1; slot < 200; slot++) {
    const nic = await nicWithPorts(lab, slot, nics);
    await lab.network.attach(nic, contextFor(slot));
    nics.push(nic);
  }
  print('attach, 200 VMs, 1 port', await timeAttaches(lab, nics));
  print('attach, 200 VMs, no port', await timeAttaches(lab, nics, []));

  const many = Array.from({ length: 1000 }, (_, index) => presentNic(alone, index));
  const times: number[] = [];
  for (let round = 0; round < 11; round++) times.push(await timed(() => lab.network.rebuild(many, signal)));
  print('rebuild, 1000 VMs with 3000 ports', times);
  await lab.network.removeAll(signal);
} finally {
  await lab.close();
}

async function nicWithPorts(on: Lab, slot: number, taken: readonly BridgeNic[]): Promise<BridgeNic> {
  const ports = [{ hostPort: 10_000 + slot, vmPort: 80, protocol: 'tcp' }] as const;
  return on.network.bind({ vmUid: `uid-${slot}`, ports }, taken, signal);
}

/** Milliseconds of attaching one more NIC beside the given ones, `ROUNDS` times. */
async function timeAttaches(
  on: Lab,
  nics: readonly BridgeNic[],
  ports?: readonly [],
): Promise<readonly number[]> {
  const slot = 900;
  const bound = await nicWithPorts(on, slot, nics);
  const nic = ports === undefined ? bound : { ...bound, ports };
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    times.push(await timed(() => on.network.attach(nic, contextFor(slot))));
    await on.network.detach(nic, contextFor(slot));
  }
  return times;
}

function presentNic(like: BridgeNic, index: number): PresentNic<BridgeNic> {
  const address = `10.76.${4 + Math.floor(index / 250)}.${1 + (index % 250)}`;
  const mac = `02:00:00:00:${hex(index >> 8)}:${hex(index & 255)}`;
  const ports = [0, 1, 2].map(
    (each) => ({ hostPort: 20_000 + index * 3 + each, vmPort: 80 + each, protocol: 'tcp' }) as const,
  );
  return {
    nic: { ...like, address, mac, ports },
    slot: 1000 + index,
    vmUid: `uid-${index}`,
    vmName: `vm-${index}`,
  };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

function print(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  console.log(`${what}: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms (${times.length} times)`);
}
