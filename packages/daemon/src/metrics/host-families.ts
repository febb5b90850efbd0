// What the daemon, its store, its networks and its sources are, for the scrape.
import type { SourceStatus, Vm } from '@ignite/api';
import { STATE_WORDS } from '@ignite/api/state-words';
import type { Counters } from './counters.ts';
import type { Family, Sample } from './text.ts';

export interface HostFacts {
  readonly version: string;
  readonly commit: string;
  readonly vms: readonly Vm[];
  readonly images: readonly { readonly size: number; readonly bytes: number }[];
  readonly kernels: number;
  readonly networks: number;
  readonly sources: readonly SourceStatus[];
  readonly counters: Counters;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What runs here. */
export function buildInfo(version: string, commit: string): Family {
  const labels = { version, commit, node: process.version };
  return {
    name: 'ignite_build_info',
    help: 'The daemon’s version; always 1',
    type: 'gauge',
    samples: [{ labels, value: 1 }],
  };
}

/** Families that have no series for each VM. */
export function hostFamilies(facts: HostFacts): readonly Family[] {
  const { vms, images, counters } = facts;
  const gauge = (name: string, help: string, ...samples: readonly Sample[]): Family => ({
    name,
    help,
    type: 'gauge',
    samples,
  });
  const counter = (name: string, help: string, value: number): Family => ({
    name,
    help,
    type: 'counter',
    samples: [{ value }],
  });
  const { heapUsed, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    buildInfo(facts.version, facts.commit),
    gauge(
      'ignite_vms',
      'VMs by state',
      ...STATE_WORDS.map((state) => ({
        labels: { state },
        value: vms.filter((vm) => vm.status.state === state).length,
      })),
    ),
    gauge('ignite_images', 'Images in the store', { value: images.length }),
    gauge('ignite_images_base_bytes', 'Size of their base disks', {
      value: sum(images.map(({ bytes }) => bytes)),
    }),
    gauge('ignite_kernels', 'Kernels in the store', { value: facts.kernels }),
    gauge('ignite_networks', 'Networks that were made', { value: facts.networks }),
    gauge('ignite_network_nics', 'NICs of VMs by the mode of their network', ...byMode(vms)),
    gauge('ignite_network_published_ports', 'Ports of the host that lead to VMs', {
      value: sum(vms.flatMap((vm) => vm.bound?.nics.map((nic) => nic.ports.length) ?? [])),
    }),
    counter('vm_create_counter', 'VMs made since the daemon started', counters.create),
    counter('vm_delete_counter', 'VMs removed', counters.remove),
    counter('vm_start_counter', 'VMs started', counters.start),
    counter('vm_stop_counter', 'VMs that ended', counters.die),
    counter('ignite_vm_start_failures_total', 'Starts that failed', counters.fail),
    ...sourceFamilies(facts, gauge),
    counter('process_cpu_seconds_total', 'Processor time of the daemon', (user + system) / 1e6),
    gauge('process_resident_memory_bytes', 'Memory of the daemon', { value: rss }),
    gauge('process_start_time_seconds', 'When the daemon started', {
      value: facts.now / 1000 - process.uptime(),
    }),
    gauge('nodejs_heap_used_bytes', 'Heap of the daemon', { value: heapUsed }),
  ];
}

/** Folders and repositories: how long ago they were read, and what is wrong. */
function sourceFamilies(
  { sources, now }: HostFacts,
  gauge: (name: string, help: string, ...samples: readonly Sample[]) => Family,
): readonly Family[] {
  const each = (value: (source: SourceStatus) => number | undefined): Sample[] =>
    sources.flatMap((source) => {
      const number = value(source);
      return number === undefined
        ? []
        : [{ labels: { source: source.name, kind: source.kind }, value: number }];
    });
  const counts = (name: string, help: string, ...samples: readonly Sample[]): Family => ({
    name,
    help,
    type: 'counter',
    samples,
  });
  const seconds = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text) / 1000);
  return [
    gauge(
      'ignite_source_up',
      'Whether it could be read at the last look',
      ...each(({ error }) => Number(error === undefined)),
    ),
    gauge(
      'ignite_source_lag_seconds',
      'Since it was read last',
      ...each(({ lookedAt }) =>
        lookedAt === undefined ? undefined : Math.max(0, now / 1000 - Date.parse(lookedAt) / 1000),
      ),
    ),
    counts('ignite_source_reconciles_total', 'Looks at it', ...each(({ looks }) => looks.count)),
    counts(
      'ignite_source_reconcile_errors_total',
      'Looks that could not read it, or left a VM not as declared',
      ...each(({ looks }) => looks.failed),
    ),
    gauge(
      'ignite_source_reconcile_duration_seconds',
      'How long the last look took, until all was applied',
      ...each(({ looks }) => looks.seconds),
    ),
    gauge(
      'ignite_source_unwritten',
      'Whether changes by hand could not be written back',
      ...each(({ writeBack }) =>
        writeBack === undefined ? undefined : Number(writeBack.error !== undefined),
      ),
    ),
    gauge(
      'ignite_source_applied_timestamp_seconds',
      'When its last revision was applied',
      ...each(({ appliedAt }) => seconds(appliedAt)),
    ),
    gauge('ignite_source_declared', 'VMs it declares', ...each(({ declared }) => declared)),
    gauge('ignite_source_managed', 'VMs it manages', ...each(({ managed }) => managed)),
    gauge(
      'ignite_source_problems',
      'Files or places in it that are wrong',
      ...each(({ problems }) => problems.length),
    ),
    gauge(
      'ignite_source_failed',
      'VMs that are not as it declares them',
      ...each(({ items }) => items.filter((item) => item.error !== undefined).length),
    ),
    gauge(
      'ignite_source_drifted',
      'VMs that differ and are left alone',
      ...each(({ items }) => items.filter((item) => item.drift !== undefined).length),
    ),
    gauge(
      'ignite_source_waiting',
      'Whether a removal waits for a person',
      ...each(({ waiting }) => Number(waiting !== undefined)),
    ),
  ];
}

function byMode(vms: readonly Vm[]): Sample[] {
  const modes = Map.groupBy(
    vms.flatMap((vm) => vm.bound?.nics ?? []),
    (nic) => nic.mode,
  );
  return [...modes].map(([mode, nics]) => ({ labels: { mode }, value: nics.length }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
