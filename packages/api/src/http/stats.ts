// What a VM uses, as the host measures it and as its own kernel does; and the processes in it.
import { z } from 'zod';

const bytes = z.number().nonnegative();
const times = z.int().nonnegative().meta({ description: 'How often its caps have held something back' });
const microseconds = z.number().nonnegative();

/** Counters grow from the VM's start; a rate is the difference of two answers by the difference of their times. */
export const vmStats = z
  .strictObject({
    uid: z.string(),
    name: z.string(),
    time: z.string().meta({ description: 'When it was measured, RFC 3339' }),
    cpus: z.int().positive().meta({ description: 'Processors of the VM' }),
    host: z
      .strictObject({
        cpu: microseconds.meta({ description: 'Processor time of VMM and supervisor' }),
        memory: bytes.meta({ description: 'Memory they hold' }),
        memoryLimit: bytes.meta({ description: 'Memory of the VM as it was asked for' }),
        processes: z.int().nonnegative(),
      })
      .meta({ description: 'As the host measures it' }),
    guest: z
      .strictObject({
        cpu: microseconds,
        memoryTotal: bytes,
        memoryAvailable: bytes,
        diskTotal: bytes,
        diskFree: bytes,
        processes: z.int().nonnegative(),
      })
      .exactOptional()
      .meta({ description: 'As its kernel does; absent while the agent does not answer' }),
    disk: z.strictObject({ read: bytes, written: bytes, throttled: times.exactOptional() }).exactOptional(),
    network: z
      .strictObject({ received: bytes, sent: bytes, throttled: times.exactOptional() })
      .exactOptional(),
    exits: z
      .int()
      .nonnegative()
      .exactOptional()
      .meta({ description: 'How often the guest has left its processors for the VMM, where that counts it' }),
  })
  .meta({ id: 'VmStats' });

/** One process of a guest, as proc(5) shows it. */
const guestProcess = z.strictObject({
  pid: z.int(),
  parent: z.int(),
  user: z.int().meta({ description: 'uid in the guest' }),
  state: z.string().meta({ description: 'One letter: R, S, D, Z, T' }),
  cpu: microseconds,
  memory: bytes.meta({ description: 'Resident' }),
  started: microseconds.meta({ description: 'After the boot of the guest' }),
  command: z.string(),
});

export const guestProcesses = z
  .strictObject({
    items: z.array(guestProcess),
    complete: z.boolean().meta({ description: 'False: there are more than one answer can hold' }),
  })
  .meta({ id: 'GuestProcesses' });

export type VmStats = z.output<typeof vmStats>;
export type GuestProcess = z.output<typeof guestProcess>;
export type GuestProcesses = z.output<typeof guestProcesses>;
