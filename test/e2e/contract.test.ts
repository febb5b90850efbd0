// The contract of the drivers with QEMU's emulation; in the lab it runs with KVM (test/lab/tests/contract.test.ts).
import { describe } from 'node:test';
import { driverContract } from '../contract/contract.ts';
import { ignite, image, place, readMark } from './world/index.ts';

const ARCHITECTURE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

describe('QEMU without KVM', () => {
  driverContract({
    flags: ['--vmm', 'qemu', '--accel', 'tcg'],
    image: image('busybox'),
    process: `qemu-system-${ARCHITECTURE}`.slice(0, 15), // as much as the kernel keeps
    group: async () => `ignite-${(await readMark(place()))?.instance}`,
    ignite: (argv, printed) => ignite(argv, printed === undefined ? {} : { printed }),
  });
});
