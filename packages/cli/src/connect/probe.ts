// Whether a server listens at a unix socket.
import { connect } from 'node:net';

/** `open`: a server answers. `refused`: there, but not for us. `absent`: no server. */
export type ProbeResult = 'open' | 'refused' | 'absent';

/** Connects and hangs up at once. */
export function probeSocket(path: string): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('open');
    });
    socket.once('error', (error: Error & { code?: string }) => {
      resolve(error.code === 'EACCES' || error.code === 'EPERM' ? 'refused' : 'absent');
    });
  });
}
