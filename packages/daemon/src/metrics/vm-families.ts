// What VMs are and use, for the scrape of all and of one. Names are ours; units are seconds and bytes.
import type { Vm, VmStats } from '@ignite/api';
import type { Family, Sample } from './text.ts';

/** A VM and what it was measured to use; absent where it does not run or did not answer in time. */
export interface MeasuredVm {
  readonly vm: Vm;
  readonly stats?: VmStats | undefined;
}

/** One series a VM in each family. */
export function vmFamilies(measured: readonly MeasuredVm[]): readonly Family[] {
  const vms = measured.map(({ vm }) => vm);
  const each = (value: (vm: Vm) => number | undefined): Sample[] =>
    vms.flatMap((vm) => sample(labelsOf(vm), value(vm)));
  const used = (value: (stats: VmStats) => number | undefined): Sample[] =>
    measured.flatMap(({ vm, stats }) => (stats === undefined ? [] : sample(labelsOf(vm), value(stats))));
  const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
    name,
    help,
    type: 'gauge',
    samples,
  });
  const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
    name,
    help,
    type: 'counter',
    samples,
  });
  return [
    gauge(
      'ignite_vm_info',
      'What a VM is made from; always 1',
      vms.map((vm) => ({
        labels: {
          ...labelsOf(vm),
          image: vm.spec.image.oci,
          state: vm.status.state,
          manager: vm.status.manager,
        },
        value: 1,
      })),
    ),
    gauge(
      'ignite_vm_up',
      'Whether it runs',
      each((vm) => Number(vm.status.running)),
    ),
    gauge(
      'ignite_vm_agent_up',
      'Whether its agent reported its figures to this scrape; absent where none is expected to',
      measured.flatMap(({ vm, stats }) =>
        sample(labelsOf(vm), expectsAnswer(vm) ? Number(stats?.guest !== undefined) : undefined),
      ),
    ),
    gauge(
      'ignite_vm_wanted',
      'Whether it should run',
      each((vm) => Number(vm.status.override ?? vm.spec.running)),
    ),
    gauge(
      'ignite_vm_held',
      'Held by hand against its manifest',
      each((vm) => Number(vm.status.override !== undefined)),
    ),
    gauge(
      'ignite_vm_pending_changes',
      'Fields that hold from the next start on',
      each((vm) => vm.status.pending?.length ?? 0),
    ),
    gauge(
      'ignite_vm_cpus',
      'Processors',
      each((vm) => vm.spec.cpus),
    ),
    gauge(
      'ignite_vm_memory_bytes',
      'Memory as asked for',
      each((vm) => vm.spec.memory),
    ),
    gauge(
      'ignite_vm_disk_bytes',
      'Size of the root disk',
      each((vm) => vm.spec.diskSize),
    ),
    gauge(
      'ignite_vm_disk_store_used_bytes',
      'Used of the store of a disk by device-mapper',
      each((vm) => vm.status.snapshot?.used),
    ),
    gauge(
      'ignite_vm_disk_store_bytes',
      'Size of that store; 0 where the kernel has given it up',
      each((vm) => vm.status.snapshot?.total),
    ),
    counter(
      'ignite_vm_restarts_total',
      'Restarts by policy in a row',
      each((vm) => vm.status.restarts),
    ),
    gauge(
      'ignite_vm_start_time_seconds',
      'When it was started last',
      each((vm) => (vm.status.startTime === undefined ? undefined : Date.parse(vm.status.startTime) / 1000)),
    ),
    counter(
      'ignite_vm_cpu_seconds_total',
      'Processor time of VMM and supervisor',
      used(({ host }) => host.cpu / 1e6),
    ),
    gauge(
      'ignite_vm_resident_bytes',
      'Memory of the host that it holds',
      used(({ host }) => host.memory),
    ),
    counter(
      'ignite_vm_guest_cpu_seconds_total',
      'Processor time as the guest counts it',
      used(({ guest }) => (guest === undefined ? undefined : guest.cpu / 1e6)),
    ),
    gauge(
      'ignite_vm_guest_memory_available_bytes',
      'Memory the guest has left',
      used(({ guest }) => guest?.memoryAvailable),
    ),
    gauge(
      'ignite_vm_guest_disk_free_bytes',
      'Room on the guest’s root file system',
      used(({ guest }) => guest?.diskFree),
    ),
    counter(
      'ignite_vm_disk_read_bytes_total',
      'Read from its disks',
      used(({ disk }) => disk?.read),
    ),
    counter(
      'ignite_vm_disk_written_bytes_total',
      'Written to its disks',
      used(({ disk }) => disk?.written),
    ),
    counter(
      'ignite_vm_disk_throttled_total',
      'How often its caps have held requests of its disks',
      used(({ disk }) => disk?.throttled),
    ),
    counter(
      'ignite_vm_network_throttled_total',
      'How often its caps have held frames of its NICs',
      used(({ network }) => network?.throttled),
    ),
    counter(
      'ignite_vm_exits_total',
      'How often the guest has left its processors for the VMM',
      used(({ exits }) => exits),
    ),
    counter(
      'ignite_vm_network_received_bytes_total',
      'Received by the guest',
      used(({ network }) => network?.received),
    ),
    counter(
      'ignite_vm_network_sent_bytes_total',
      'Sent by the guest',
      used(({ network }) => network?.sent),
    ),
  ];
}

/** A VM's processes on the host, for its own socket. */
export function processFamilies(stats: VmStats | undefined): readonly Family[] {
  if (stats === undefined) return [];
  return [
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time of VMM and supervisor',
      type: 'counter',
      samples: [{ value: stats.host.cpu / 1e6 }],
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Memory of the host that they hold',
      type: 'gauge',
      samples: [{ value: stats.host.memory }],
    },
  ];
}

/** One that is paused, starts or stops says nothing, and that means nothing. */
function expectsAnswer({ status }: Vm): boolean {
  return status.state === 'running' && status.agent !== 'none';
}

function labelsOf({ metadata }: Vm) {
  return { uid: metadata.uid, name: metadata.name };
}

function sample(labels: Readonly<Record<string, string>>, value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ labels, value }];
}
