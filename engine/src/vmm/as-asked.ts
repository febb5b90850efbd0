// Applies `--accel`: the accelerator that was asked for, or an error that says why not. Without the flag the choice stands.
import { IgniteError } from '@ignite/api';
import type { VmmChoice } from './choose.ts';
import type { Accelerator } from './port.ts';

/**
 * The choice with the accelerator that was asked for.
 * @param asked absent: KVM where it can be trusted, else emulation
 * @throws IgniteError `vmm/no-kvm` where KVM was asked for and cannot be trusted, with the reason
 */
export function accelerateAsAsked(choice: VmmChoice, asked: Accelerator | undefined): VmmChoice {
  if (asked === undefined || asked === choice.accelerator) return choice;
  if (asked === 'kvm')
    throw new IgniteError('vmm/no-kvm', `KVM cannot be used: ${choice.reason ?? 'it did not run a guest'}`, {
      stage: 'vmm',
    });
  return { ...choice, accelerator: asked };
}
