// The name of an archive before what the daemon finds wrong with it: the daemon gets bytes, and no name.
import { IgniteError, isIgniteError } from '@ignite/api/errors';

/**
 * What `send` answers. Where the image in the archive that `word` named on the command line (`-` is stdin) is refused, the
 * error says which archive it is.
 * @throws IgniteError what `send` throws
 */
export async function namingArchive<T>(word: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (cause) {
    if (!isIgniteError(cause) || !cause.code.startsWith('images/')) throw cause;
    const { code, details, stage } = cause;
    const facts = { cause, details, ...(stage === undefined ? {} : { stage }) };
    throw new IgniteError(code, `Cannot take ${word === '-' ? 'the archive on stdin' : word}`, facts);
  }
}
