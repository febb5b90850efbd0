// The serial that Firecracker gives a drive: device, device type and inode of its file, one after the other in decimal,
// cut to what virtio can say (its src/vmm/src/devices/virtio/block/virtio/device.rs; as in kvmtool).
import { stat } from 'node:fs/promises';

/** VIRTIO_BLK_ID_BYTES of the virtio specification. */
const SERIAL_BYTES = 20;

/** The serial of the drive that this file will be. */
export async function drivesSerial(path: string): Promise<string> {
  const { dev, rdev, ino } = await stat(path, { bigint: true });
  return `${dev}${rdev}${ino}`.slice(0, SERIAL_BYTES);
}
