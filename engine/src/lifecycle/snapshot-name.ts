// Names of device-mapper's devices: they carry the mark of this engine and the VM they belong to.

/** The device of a VM's root disk. @param instance of the state directory */
export function snapshotName(instance: string, vmUid: string): string {
  return `${snapshotPrefix(instance)}${vmUid}`;
}

/** How the names of all devices of an engine begin. */
export function snapshotPrefix(instance: string): string {
  return `ignite-${instance}-`;
}
