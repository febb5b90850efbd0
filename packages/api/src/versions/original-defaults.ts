// The original wrote its own defaults into its users' files (GIT-30), so a value equal to one of them counts as unset
// (DESIGN D10).
import type { VmSpecInput } from '../kinds/vm-spec.ts';

/** API-V03; word for word, for any other order was somebody's. */
const CMD_LINE = 'console=ttyS0 reboot=k panic=1 pci=off ip=dhcp';

/** API-V02: the default of the last release; `main` of later days had none other. */
export const ORIGINAL_KERNEL = 'weaveworks/ignite-kernel:5.10.51';

/** API-V04: one for each release, `dev` for what people built. */
const SANDBOX = /^weaveworks\/ignite:(dev|v?\d+\.\d+\.\d+\S*)$/;

/** The spec without what the original would have written by itself. */
export function withoutOriginalDefaults(spec: VmSpecInput): VmSpecInput {
  const { kernel, sandbox, storage, copyFiles, ...rest } = spec;
  const { oci, cmdLine } = kernel ?? {};
  const said = {
    ...(oci === undefined || oci === ORIGINAL_KERNEL ? {} : { oci }),
    ...(cmdLine === undefined || cmdLine === CMD_LINE ? {} : { cmdLine }),
  };
  return {
    ...rest,
    ...(Object.keys(said).length === 0 ? {} : { kernel: said }),
    ...(sandbox === undefined || SANDBOX.test(sandbox.oci) ? {} : { sandbox }),
    ...(storage === undefined || Object.keys(storage).length === 0 ? {} : { storage }),
    ...(copyFiles === undefined || copyFiles.length === 0 ? {} : { copyFiles }),
  };
}
