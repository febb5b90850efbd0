// An image of the local containerd, by its own tool: `ctr images export` writes an OCI archive to stdout.
import type { ChildProcessByStdio } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import { IgniteError } from '@ignite/api/errors';
import { formatReference, parseReference } from '@ignite/api/references';
import { childProcess } from '../lazy.ts';

const STDERR_KEPT = 4096;

type Env = Readonly<Record<string, string | undefined>>;

function placeOf(env: Env, source: { readonly reference: string; readonly namespace?: string }) {
  const full = formatReference(parseReference(source.reference));
  return { full, namespace: source.namespace ?? (env['CONTAINERD_NAMESPACE'] || 'default') };
}

function startCtr(env: Env, argv: readonly string[], signal: AbortSignal) {
  return childProcess().spawn('ctr', argv, {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
}

/**
 * The image as an archive. The stream fails with IgniteError `cli/program-missing` where there is no ctr,
 * `cli/source-refused` where ctr has no such image.
 */
export function openContainerdImage(
  env: Env,
  source: { readonly reference: string; readonly namespace?: string },
  signal: AbortSignal,
): Readable {
  const { full, namespace } = placeOf(env, source);
  const argv = ['--namespace', namespace, 'images', 'export', '-', full];
  const child = startCtr(env, argv, signal);
  return whole(child, `${full} in namespace ${namespace}`, signal);
}

/**
 * Lets containerd pull the image, with its own configuration.
 * @throws IgniteError `cli/program-missing`, `cli/source-unreachable`, `cli/source-refused`
 */
export async function pullContainerdImage(
  env: Env,
  source: { readonly reference: string; readonly namespace?: string },
  signal: AbortSignal,
): Promise<void> {
  const { full, namespace } = placeOf(env, source);
  const argv = ['--namespace', namespace, 'images', 'pull', full];
  const child = startCtr(env, argv, signal);
  for await (const _ of whole(child, `${full} in namespace ${namespace}`, signal)) continue;
}

// An archive whose writer failed must not look complete: the stream ends only after ctr has ended well.
function whole(
  child: ChildProcessByStdio<null, Readable, Readable>,
  what: string,
  signal: AbortSignal,
): Readable {
  const out = new PassThrough();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    said = (said + piece).slice(-STDERR_KEPT);
  });
  child.once('error', (cause) => {
    const missing = 'code' in cause && cause.code === 'ENOENT';
    const error = missing
      ? new IgniteError('cli/program-missing', 'containerd:// needs the program ctr, which is not installed')
      : new IgniteError('cli/source-unreachable', 'ctr was not started', { cause });
    out.destroy(signal.aborted ? signal.reason : error);
  });
  child.once('close', (code) => {
    if (code === 0) out.end();
    else out.destroy(refusal(what, said));
  });
  out.once('close', () => child.kill());
  child.stdout.pipe(out, { end: false });
  return out;
}

function refusal(what: string, said: string): IgniteError {
  const line = said.trim().split('\n').at(-1) ?? '';
  const code = /connect|dial|permission denied/i.test(line) ? 'cli/source-unreachable' : 'cli/source-refused';
  return new IgniteError(code, `containerd does not give ${what}${line === '' ? '' : `: ${line}`}`);
}
