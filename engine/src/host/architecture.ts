// The processor families that Ignite runs on.

/** In the words of images, which are Go's (image-spec, config.md). */
export type Architecture = 'amd64' | 'arm64';

/** What this host's processor is. */
export function hostArchitecture(): Architecture {
  return process.arch === 'arm64' ? 'arm64' : 'amd64';
}

const MACHINES: Readonly<Record<Architecture, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

/** The word of the kernel (`uname -m`) and of QEMU's programs. */
export function machineWord(architecture: Architecture): string {
  return MACHINES[architecture];
}
