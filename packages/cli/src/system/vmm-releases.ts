// The releases of Firecracker that can be installed from the Internet, by the SHA-256 of their archives as the project
// publishes it with each (firecracker-vVERSION-ARCH.tgz.sha256.txt). Each was compared with what at least three other public
// projects pin for the same archive in their installers and package recipes (Homebrew formulas, Dockerfiles, CI), 2026-11-20;
// all agreed. Whether one of them took its pin from another is not known. 1.15.1 is the default: the releases of 1.16 so far
// lose the connection to a guest that was paused.

/** Version, then architecture (as `uname -m` says it), then checksum. */
const RELEASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '1.15.1': {
    x86_64: 'd4a32ab2322d887ca1bc4a4e7afa9cc35393e6362dfc2b3becb389d362e4275a',
    aarch64: '00654ac1e702a22744121ea9f10a4f792ebd7c3a744cba587dfac9fcb79b41a5',
  },
  '1.16.0': {
    x86_64: 'bd04e26952d4e158085778c6230a0b383d2619c319182e27eaa9d61a212e92d6',
    aarch64: '531c713cdbc37d4b8bc2533d851aabc0267096afa1768086a37672abb668efd7',
  },
  '1.16.1': {
    x86_64: '382a02a869e4d6d5cb14c40577f9545e8458021ea8b0b2d3fc10ec14d9c242e6',
    aarch64: '8d0e69f6d6f9a1724551f607f18504052c16c1828ee3d4d7b6e6c73380871e0e',
  },
};

const PROJECT = 'https://github.com/firecracker-microvm/firecracker/releases/download';

/** What is installed where no version is asked for. */
export const USUAL_RELEASE = '1.15.1';

/** Versions that can be downloaded for an architecture. */
export function knownReleases(architecture: string): readonly string[] {
  return Object.keys(RELEASES).filter((version) => RELEASES[version]?.[architecture] !== undefined);
}

/** The checksum of a release's archive; undefined where none is known. */
export function releaseDigest(version: string, architecture: string): string | undefined {
  return RELEASES[version]?.[architecture];
}

/** Address of a release's archive. */
export function releaseUrl(version: string, architecture: string): string {
  return `${PROJECT}/v${version}/firecracker-v${version}-${architecture}.tgz`;
}
