// The image file of a conversion, by the descriptor the worker was given.
import { read, write } from 'node:fs';
import { promisify } from 'node:util';
import type { ImageSink } from '@ignite/ext4';

const readAt = promisify(read);
const writeAt = promisify(write);

/** A sink over an open, empty file. */
export function descriptorSink(descriptor: number): ImageSink {
  return {
    async write(bytes, position) {
      for (let done = 0; done < bytes.length; ) {
        const left = bytes.length - done;
        done += (await writeAt(descriptor, bytes, done, left, position + done)).bytesWritten;
      }
    },
    async read(bytes, position) {
      for (let done = 0; done < bytes.length; ) {
        const left = bytes.length - done;
        const { bytesRead } = await readAt(descriptor, bytes, done, left, position + done);
        if (bytesRead === 0) throw new Error(`The image file ends before byte ${position + bytes.length}`);
        done += bytesRead;
      }
    },
  };
}
