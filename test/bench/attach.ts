// What attaching a NIC and rebuilding the rules cost: the driver alone, on a host made of network namespaces.
import type { BridgeNic, PresentNic } from '../../engine/src/network/index.ts';
import { contextFor, type Lab, makeLab } from '../integration/network/lab.ts';
import type { Bench } from './place.ts';
import { timed } from './rounds.ts';
import { median, ms, print } from './table.ts';

const ATTACHES = 41;
const REBUILDS = 11;
const MANY = 200;
const PORT_OF_SLOT_0 = 10_000;
const DEADLINE_MS = 600_000;

/** Prints the table. */
export async function benchAttach(bench: Bench): Promise<void> {
  const lab = await makeLab();
  bench.defer(() => lab.close());
  const rows = await measure(lab, AbortSignal.timeout(DEADLINE_MS));
  print(
    'The driver of `bridge`, by itself',
    ['what', 'median', 'least', 'wanted'],
    rows.map(({ what, times, wanted = '' }) => [what, ms(median(times)), ms(Math.min(...times)), wanted]),
  );
}

interface Row {
  readonly what: string;
  readonly times: readonly number[];
  readonly wanted?: string;
}

async function measure(lab: Lab, signal: AbortSignal): Promise<readonly Row[]> {
  const attaches = async (what: string, nics: readonly BridgeNic[]) => ({
    what: `${what}, ${ATTACHES} times`,
    times: await timeAttaches(lab, nics, signal),
    wanted: '≤ 25 ms',
  });
  const one = await repeat(ATTACHES, () => timed(() => lab.commands.run(['true'])));
  const alone = await nicWithPort(lab, 0, [], signal);
  await lab.network.attach(alone, contextFor(0));
  const first = await attaches('attach a NIC with a port beside 1 VM', [alone]);
  const nics = [alone];
  for (let slot = 1; slot < MANY; slot++) {
    const nic = await nicWithPort(lab, slot, nics, signal);
    await lab.network.attach(nic, contextFor(slot));
    nics.push(nic);
  }
  const last = await attaches(`the same beside ${MANY} VMs`, nics);
  const present = Array.from({ length: 1000 }, (_, index) => presentNic(alone, index));
  const rebuilds = await repeat(REBUILDS, () => timed(() => lab.network.rebuild(() => present, signal)));
  await lab.network.removeAll(signal);
  return [
    { what: 'for comparison: one program started there', times: one },
    first,
    last,
    {
      what: `rebuild for 1,000 VMs with 3,000 ports, ${REBUILDS} times`,
      times: rebuilds,
      wanted: '≤ 200 ms',
    },
  ];
}

async function repeat(count: number, measureOnce: () => Promise<number>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < count; round++) times.push(await measureOnce());
  return times;
}

function nicWithPort(lab: Lab, slot: number, taken: readonly BridgeNic[], signal: AbortSignal) {
  const ports = [{ hostPort: PORT_OF_SLOT_0 + slot, vmPort: 80, protocol: 'tcp' }] as const;
  return lab.network.bind({ vmUid: `uid-${slot}`, ports }, taken, signal);
}

/** Milliseconds of attaching one more NIC in addition to the given ones. */
async function timeAttaches(lab: Lab, nics: readonly BridgeNic[], signal: AbortSignal) {
  const slot = 900;
  const nic = await nicWithPort(lab, slot, nics, signal);
  return repeat(ATTACHES, async () => {
    const time = await timed(() => lab.network.attach(nic, contextFor(slot)));
    await lab.network.detach(nic, contextFor(slot));
    return time;
  });
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
