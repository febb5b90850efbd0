// Networks: TCP throughput of VMs compared with bare QEMUs on a plain bridge, what attaching and rebuilding cost, and how soon
// names are answered by a daemon that was started again.
import { benchAttach } from './attach.ts';
import {
  betweenGuests,
  fromHost,
  IPERF_IMAGE,
  loadIperf,
  SERVE,
  type Through,
  untilServed,
} from './iperf.ts';
import { openPlainHost, plainTap } from './plain-host.ts';
import type { Bench } from './place.ts';
import { benchResolver } from './resolver.ts';
import { alternate } from './rounds.ts';
import { median, print } from './table.ts';
import { startCopied } from './template.ts';

const WANTED = 0.95;

/** Prints all tables. @param rounds measurements of each kind */
export async function benchNetwork(bench: Bench, rounds: number): Promise<void> {
  await loadIperf(bench);
  await benchTraffic(bench, rounds);
  await benchAttach(bench);
  await benchResolver(bench, rounds);
}

async function benchTraffic(bench: Bench, rounds: number): Promise<void> {
  const { client } = bench;
  await using stack = new AsyncDisposableStack();
  const guests = [];
  for (const index of [0, 1]) {
    const vm = await client.createVm({ spec: { image: { oci: IPERF_IMAGE }, command: [...SERVE] } });
    stack.defer(async () => void (await client.removeVm(vm.metadata.uid, { force: true })));
    const nic = vm.bound?.nics?.[0];
    if (nic?.mode !== 'bridge') throw new Error('The section network needs root');
    guests.push({ nic, template: await startCopied(bench, vm, plainTap(index)) });
  }
  const [a, b] = guests;
  if (a === undefined || b === undefined) return;
  const plain = stack.use(
    await openPlainHost(
      `${a.nic.gateway}/${a.nic.prefixLength}`,
      guests.map(({ template }) => template),
    ),
  );
  for (const { nic } of guests)
    for (const through of [plain.through, []]) await untilServed(through, nic.address);
  const ways: Readonly<Record<string, (through: Through) => Promise<number>>> = {
    'host → guest': (through) => fromHost(through, a.nic.address, false),
    'guest → host': (through) => fromHost(through, a.nic.address, true),
    'guest → guest': (through) => betweenGuests(through, b.nic.address, a.nic.address),
  };
  const rows: string[][] = [];
  for (const [way, measure] of Object.entries(ways)) {
    const rates = await alternate(rounds, { bare: () => measure(plain.through), ignite: () => measure([]) });
    const share = median(rates.ignite) / median(rates.bare);
    rows.push([
      way,
      megabits(median(rates.bare)),
      megabits(median(rates.ignite)),
      share.toFixed(2),
      `≥ ${WANTED}`,
    ]);
  }
  print(
    `TCP throughput by iperf3, medians of ${rounds} rounds`,
    ['way', 'bare QEMU, tap on a plain bridge', 'VM', 'share', 'wanted'],
    rows,
  );
}

function megabits(bitsPerSecond: number): string {
  return `${(bitsPerSecond / 1e6).toFixed(0)} Mbit/s`;
}
