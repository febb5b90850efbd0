// Which machine QEMU makes, and what its devices and its console are called there. `q35` has PCI and boots any kernel of
// x86; `microvm` has nothing but virtio-mmio, a serial line and what ACPI needs, and boots a kernel that has virtio-mmio
// built in, sooner; `virt` is the one for arm64, with PCI. QEMU docs, system/i386/microvm and system/arm/virt.
import type { Accelerator, LaunchRequest } from '../port.ts';

export type Machine = 'q35' | 'microvm' | 'virt';

interface Traits {
  readonly words: readonly string[];
  /** Value of `-cpu`, by accelerator. */
  readonly cpu: Readonly<Record<Accelerator, string>>;
  /** Device of the kernel's console. */
  readonly console: string;
  /** How the kernel resets it, which ends the VM. */
  readonly resetWords: readonly string[];
  /** Words of the kernel that make an emulated boot faster. */
  readonly emulationWords: readonly string[];
}

/**
 * The clocksource watchdog does not watch the TSC, as it would distrust it on a busy host. The rate is passed where it is
 * known: measured by the guest against emulated timers it may be wrong (tsc.ts).
 */
const X86 = {
  cpu: { kvm: 'host', tcg: 'max' },
  console: 'ttyS0',
  emulationWords: ['tsc=reliable', 'no_timer_check', 'cryptomgr.notests', 'random.trust_cpu=on'],
};

const TRAITS: Readonly<Record<Machine, Traits>> = {
  q35: {
    ...X86,
    words: ['-machine', 'q35,graphics=off,usb=off,vmport=off,smm=off,hpet=on'],
    resetWords: ['reboot=k'], // by the keyboard controller
  },
  microvm: {
    ...X86,
    words: [
      '-machine',
      'microvm,acpi=on,pcie=off,usb=off,graphics=off,rtc=on,isa-serial=on,ioapic2=off,auto-kernel-cmdline=off',
      '-global',
      'virtio-mmio.force-legacy=off',
    ],
    resetWords: ['reboot=t'], // by a triple fault, as it has no keyboard controller
  },
  virt: {
    words: ['-machine', 'virt,gic-version=max'],
    // Pointer authentication by QEMU's own algorithm: the architected one takes most of an emulated boot.
    cpu: { kvm: 'host', tcg: 'max,pauth-impdef=on' },
    console: 'ttyAMA0',
    resetWords: [], // by its firmware interface (PSCI)
    emulationWords: ['cryptomgr.notests', 'random.trust_cpu=on'],
  },
};

/** What is particular to a machine. */
export function traitsOf(machine: Machine): Traits {
  return TRAITS[machine];
}

/**
 * Transports of `microvm` without its second IO-APIC (QEMU docs, system/i386/microvm). The second is QEMU's own and would give
 * 16 more, but with KVM interrupts through it were lost, and the guest waited for a disk for ever (QEMU 7.2, nested KVM).
 */
const MICROVM_SLOTS = 8;

/** Devices every VM has: its channels and its entropy. A device on the first transport is not found (QEMU 7.2, Linux 6.1). */
export const CHANNELS_SLOT = 1;
export const ENTROPY_SLOT = 2;
const FIRST_DRIVE_SLOT = 3;

/**
 * `microvm` for a kernel of ours with KVM, unless the VM has more devices than it has places or shares folders. Emulated it
 * would hang in one boot of ten: with ACPI and without a PCI machine's timers the kernel finds nothing to measure the TSC
 * against, and without ACPI there is neither a power button nor a power off.
 */
export function machineOf({ accelerator, kernel, drives, nics, folders = [] }: LaunchRequest): Machine {
  if (kernel.architecture === 'arm64') return 'virt';
  const fits = FIRST_DRIVE_SLOT + drives.length + nics.length <= MICROVM_SLOTS && folders.length === 0;
  return accelerator === 'kvm' && kernel.features.virtioMmioCmdline === true && fits ? 'microvm' : 'q35';
}

/** A virtio device in a place of its own, so that two boots look the same to the guest. @param more further options */
export function virtio(machine: Machine, device: string, slot: number, more: string): string {
  if (machine !== 'microvm') return `${device}-pci,${more},disable-legacy=on`;
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
