// Where each distribution's packages come from when the host's own sources do not say.

export interface Distribution {
  readonly name: 'debian' | 'ubuntu';
  readonly mirror: string;
  /** Where security updates are; `%s` is the suite. */
  readonly security: { readonly mirror: string; readonly suite: string };
  readonly components: string;
  readonly keyring: string;
  readonly keyringPackage: string;
  /** Suite made where none is asked for and the host is another distribution. */
  readonly suite: string;
}

export const DISTRIBUTIONS: Readonly<Record<Distribution['name'], Distribution>> = {
  debian: {
    name: 'debian',
    mirror: 'http://deb.debian.org/debian',
    security: { mirror: 'http://deb.debian.org/debian-security', suite: '%s-security' },
    components: 'main',
    keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
    keyringPackage: 'debian-archive-keyring',
    suite: 'bookworm',
  },
  ubuntu: {
    name: 'ubuntu',
    mirror: 'http://archive.ubuntu.com/ubuntu',
    security: { mirror: 'http://security.ubuntu.com/ubuntu', suite: '%s-security' },
    components: 'main universe',
    keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
    keyringPackage: 'ubuntu-keyring',
    suite: 'noble',
  },
};

/** Value of a field of os-release(5), quotes taken off. */
function osReleaseField(osRelease: string, field: string): string | undefined {
  for (const line of osRelease.split('\n')) {
    const match = /^(\w+)=(["']?)(.*)\2$/.exec(line.trim());
    if (match?.[1] === field) return match[3];
  }
  return undefined;
}

/** The host's suite if it is this distribution, else the distribution's usual one. */
export function suiteFor(distribution: Distribution, osRelease: string): string {
  if (osReleaseField(osRelease, 'ID') !== distribution.name) return distribution.suite;
  return osReleaseField(osRelease, 'VERSION_CODENAME') ?? distribution.suite;
}

/** Suite names that are safe in a sources line and a path. */
export function isSuite(text: string): boolean {
  return /^[a-z][a-z0-9.+-]{0,63}$/.test(text);
}
