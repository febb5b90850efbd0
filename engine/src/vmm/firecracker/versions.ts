// What differs between the versions of Firecracker, from its changelog and issues.

export interface FirecrackerVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The oldest that is driven: every field of our configuration is known from here on. */
export const OLDEST = '1.15';

const OLDEST_MINOR = 15;

/** Reads `Firecracker v1.16.1` and `Jailer v1.16.1`; undefined for anything else. */
export function parseVersion(text: string): FirecrackerVersion | undefined {
  const [, major, minor, patch] = /v(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  if (major === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** `1.16.1` */
export function versionText({ major, minor, patch }: FirecrackerVersion): string {
  return `${major}.${minor}.${patch}`;
}

/** Whether a version is older than the oldest that is supported. */
export function isTooOld({ major, minor }: FirecrackerVersion): boolean {
  return major < 1 || (major === 1 && minor < OLDEST_MINOR);
}

/** A NIC's `mtu` is a field since 1.16; who sends it to an older one is refused. */
export function takesMtu({ major, minor }: FirecrackerVersion): boolean {
  return major > 1 || minor >= 16;
}

/**
 * In 1.16.0 and 1.16.1 a resumed VM delivers nothing from the host over vsock any more (issue 6100): the device waits
 * for the guest to acknowledge a reset that was never sent.
 */
export function losesVsockAfterPause({ major, minor, patch }: FirecrackerVersion): boolean {
  return major === 1 && minor === 16 && patch <= 1;
}
