// The addresses inside a user network: the same for every VM, and the same for both backends. They are QEMU's
// defaults (qemu-system-x86_64(1), -netdev user), so that scripts and images that know those work.

/** As the guest sees them. */
export const USER_NETWORK = {
  name: 'user',
  subnet: '10.0.2.0/24',
  prefixLength: 24,
  address: '10.0.2.15',
  gateway: '10.0.2.2',
  dns: '10.0.2.3',
} as const;
