// What differs between the versions of Cloud Hypervisor, from its release notes.

interface CloudHypervisorVersion {
  readonly major: number;
  readonly minor: number;
}

/** The oldest that is supported: the first that is given a disk's format instead of probing it (`image_type`). */
export const OLDEST = 51;

/** Since this one it names the machine's UUID as SMBIOS does; the older name is deprecated from here on. */
const SYSTEM_UUID = 53;

/** Reads `cloud-hypervisor v53.0` and `v53.0-12-gabc`; undefined for anything else. */
export function parseVersion(text: string): CloudHypervisorVersion | undefined {
  const [, major, minor] = /^cloud-hypervisor v(\d+)\.(\d+)/m.exec(text) ?? [];
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

/** `53.0` */
export function versionText({ major, minor }: CloudHypervisorVersion): string {
  return `${major}.${minor}`;
}

/** The word of `--platform` that sets the machine's UUID. @param version as `versionText` writes it */
export function uuidWord(version: string): 'system_uuid' | 'uuid' {
  return Number.parseInt(version, 10) >= SYSTEM_UUID ? 'system_uuid' : 'uuid';
}
