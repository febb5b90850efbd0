// An image sink over an open file.
import type { FileHandle } from 'node:fs/promises';
import { IgniteError } from '@ignite/api/errors';
import type { ImageSink } from './entry.ts';

/** A sink over a new file opened for reading and writing (flags `w+` or `wx+`). Closing it is the caller's. */
export function fileSink(file: FileHandle): ImageSink {
  return {
    async write(bytes, position) {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
    },
    async read(bytes, position) {
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
        if (bytesRead === 0)
          throw new IgniteError('ext4/size-mismatch', 'The image file is shorter than written');
        done += bytesRead;
      }
    },
  };
}
