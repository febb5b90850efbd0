// Which modules a guest must have before its root is mounted, and which a little later. Loading costs boot time, so
// the set is small: everything else comes from the modules drive.

/** Loaded by ignite-init before it looks for its drives, in this order (with what they need). */
export const BOOT_MODULES: readonly string[] = [
  // transports: without them no device is seen
  'virtio_pci',
  'virtio_mmio',
  // the root drive, and the channels to the supervisor
  'virtio_blk',
  'virtio_console',
  'ext4',
  'virtio_net',
];

/** Loaded when they are needed: vsock where it is the link's transport, the rest when the root is mounted. */
export const LATER_MODULES: readonly string[] = ['vmw_vsock_virtio_transport', 'virtio_rng'];
