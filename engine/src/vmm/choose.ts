// Which VMM runs a VM (D8): drivers declare what they can do, the choice passes over those that lack what the
// spec asks, and an explicit --vmm that lacks it is refused, naming one that has it.
import { IgniteError } from '@ignite/api';
import type { Accelerator, LaunchNic, ProbeInput, VmmCapabilities, VmmDriver } from './port.ts';
import type { VmmName, VmmProbe, VmmProgram } from './port.ts';

/** What a VM's spec needs from its VMM. */
export interface VmmNeeds {
  readonly cpus: number;
  /** Caps on its drives. */
  readonly diskLimits?: boolean;
  /** What will carry its NICs' frames. */
  readonly nics: readonly LaunchNic['kind'][];
  /** What was asked for; absent: whatever is there. */
  readonly accelerator?: Accelerator;
  /** Folders of the host. */
  readonly folders?: boolean;
}

export interface VmmChoice {
  readonly driver: VmmDriver;
  readonly program: VmmProgram;
  readonly accelerator: Accelerator;
  /** Why the choice is slower than it could be: shown to the user once per host boot. */
  readonly reason?: string;
}

/**
 * Chooses among `drivers`, which stand in order of preference.
 * @param wanted the name given with --vmm; absent: the first usable driver that has what is needed
 * @throws IgniteError `vmm/unknown`, `vmm/lacks-capability`, `vmm/none-usable`
 */
export async function chooseVmm(
  drivers: readonly VmmDriver[],
  needs: VmmNeeds,
  wanted: string | undefined,
  probe: ProbeInput,
  signal: AbortSignal,
): Promise<VmmChoice> {
  const candidates = wanted === undefined ? drivers : [named(drivers, wanted)];
  const reasons: string[] = [];
  for (const driver of candidates) {
    const lack = lacking(driver.capabilities, needs);
    if (lack !== undefined) {
      if (wanted !== undefined) throw lacksCapability(driver.name, lack, drivers, needs);
      reasons.push(`${driver.name}: ${lack}`);
      continue;
    }
    const found = await driver.probe(probe, signal);
    const choice = usable(driver, found);
    if (choice !== undefined) return choice;
    reasons.push(`${driver.name}: ${found.reason ?? 'not usable'}`);
  }
  throw new IgniteError('vmm/none-usable', `No VMM can run this VM (${reasons.join('; ')})`);
}

/** @throws IgniteError `vmm/lacks-capability` where a driver lacks what is needed, naming one that has it */
export function requireCapable(driver: VmmDriver, needs: VmmNeeds, drivers: readonly VmmDriver[]): void {
  const lack = lacking(driver.capabilities, needs);
  if (lack !== undefined) throw lacksCapability(driver.name, lack, drivers, needs);
}

function named(drivers: readonly VmmDriver[], wanted: string): VmmDriver {
  const driver = drivers.find((driver) => driver.name === wanted);
  if (driver !== undefined) return driver;
  const names = drivers.map((driver) => driver.name).join(', ');
  throw new IgniteError('vmm/unknown', `There is no VMM "${wanted}"; known: ${names}`);
}

/** What is missing, in words; undefined if nothing is. */
function lacking(capabilities: VmmCapabilities, needs: VmmNeeds): string | undefined {
  if (needs.cpus > capabilities.maxCpus) return `at most ${capabilities.maxCpus} vCPUs`;
  if (needs.diskLimits === true && capabilities.diskLimits !== true) return 'no --disk-iops and no --disk-bw';
  if (needs.nics.some((kind) => !capabilities.nics.includes(kind))) return 'no user network';
  if (needs.accelerator !== undefined && !capabilities.accelerators.includes(needs.accelerator))
    return needs.accelerator === 'tcg' ? 'it cannot emulate' : 'it does not use KVM';
  if (needs.folders === true && capabilities.folders !== true)
    return 'no folders of the host; `ignite cp` and volumes work';
  return undefined;
}

function lacksCapability(
  name: VmmName,
  lack: string,
  drivers: readonly VmmDriver[],
  needs: VmmNeeds,
): IgniteError {
  const others = drivers.filter((driver) => lacking(driver.capabilities, needs) === undefined);
  const instead = others.length === 0 ? 'no VMM has more' : `use ${others.map((d) => d.name).join(' or ')}`;
  return new IgniteError('vmm/lacks-capability', `${name} cannot run this VM: ${lack}; ${instead}`);
}

function usable(driver: VmmDriver, found: VmmProbe): VmmChoice | undefined {
  if (!found.usable || found.program === undefined || found.accelerator === undefined) return undefined;
  return {
    driver,
    program: found.program,
    accelerator: found.accelerator,
    ...(found.reason === undefined ? {} : { reason: found.reason }),
  };
}
