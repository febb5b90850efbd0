// Which machine QEMU emulates, and what its devices are called there. `q35` has PCI and boots any kernel; `microvm` has
// nothing but virtio-mmio, a serial line and what ACPI needs, and boots a kernel that has virtio-mmio built in, sooner.
import type { LaunchRequest } from '../port.ts';

export type Machine = 'q35' | 'microvm';

/** Transports of `microvm` with ACPI and its second IO-APIC (QEMU docs, system/i386/microvm). */
const MICROVM_SLOTS = 24;

/** Devices every VM has: its channels and its entropy. */
export const CHANNELS_SLOT = 0;
export const ENTROPY_SLOT = 1;
const FIRST_DRIVE_SLOT = 2;

/**
 * `microvm` for a kernel of ours with KVM, unless the VM has more devices than it has places or shares folders. Emulated it
 * would hang in one boot of ten: with ACPI and without a PCI machine's timers the kernel finds nothing to measure the TSC
 * against, and without ACPI there is neither a power button nor a power off.
 */
export function machineOf({ accelerator, kernel, drives, nics, folders = [] }: LaunchRequest): Machine {
  const fits = FIRST_DRIVE_SLOT + drives.length + nics.length <= MICROVM_SLOTS && folders.length === 0;
  return accelerator === 'kvm' && kernel.features.virtioMmioCmdline === true && fits ? 'microvm' : 'q35';
}

/** The words that choose it. */
export function machineWords(machine: Machine): string[] {
  if (machine === 'q35') return ['-machine', 'q35,graphics=off,usb=off,vmport=off,smm=off,hpet=on'];
  return [
    '-machine',
    'microvm,acpi=on,pcie=off,usb=off,graphics=off,rtc=on,isa-serial=on,ioapic2=on,auto-kernel-cmdline=off',
    '-global',
    'virtio-mmio.force-legacy=off',
  ];
}

/** How the kernel resets it, which ends the VM: by the keyboard controller, which `microvm` lacks, or by a triple fault. */
export function resetWord(machine: Machine): string {
  return machine === 'q35' ? 'reboot=k' : 'reboot=t';
}

/** A virtio device in a place of its own, so that two boots look the same to the guest. @param more further options */
export function virtio(machine: Machine, device: string, slot: number, more: string): string {
  if (machine === 'q35') return `${device}-pci,${more},disable-legacy=on`;
  return `${device}-device,bus=virtio-mmio-bus.${slot},${more}`;
}

/** The place of the drive that stands at this position among the drives. */
export function driveSlot(position: number): number {
  return FIRST_DRIVE_SLOT + position;
}

/** NICs follow the drives. */
export function nicSlot({ drives }: LaunchRequest, position: number): number {
  return FIRST_DRIVE_SLOT + drives.length + position;
}
