// Streams into a VM: exec, copy, facts of a file, attach, console. The purpose of a stream is in the OPEN of the guest
// link, which the client sends.
import { PassThrough } from 'node:stream';
import type { OpenRequest } from '@ignite/api/frames';
import { OPEN_KIND } from '@ignite/protocol';
import type { Guest, GuestSession, GuestStream } from '../../guest/port.ts';
import { attachMain } from './attach.ts';
import type { LiveVm } from '../live-vm.ts';
import { openSession } from './session.ts';
import { refusePaused } from '../stats.ts';
import { waitForReady, waitForSupervisor } from '../wait.ts';
import { runningHandle } from '../not-running.ts';

/** How long the guest may take to be there for the first input, signal or resize of an attached stream. */
const INPUT_DEADLINE_MS = 300_000;

/** Facts of a file, the answer to OPEN stat. */
type FileFacts = NonNullable<Awaited<ReturnType<GuestSession['stat']>>>;

export type OpenedStream =
  | { readonly kind: 'stream'; readonly stream: GuestStream }
  | { readonly kind: 'file'; readonly facts: FileFacts | undefined };

/**
 * Opens a stream; a VM that starts is waited for until the signal.
 * @throws IgniteError `vm/not-running`, `guest/…`
 */
export async function openVmStream(
  vm: LiveVm,
  guest: Guest,
  request: OpenRequest,
  signal: AbortSignal,
): Promise<OpenedStream> {
  const handle = await waitForSupervisor(vm, signal, request.kind === OPEN_KIND.ATTACH);
  const session = async (until = signal) => {
    refusePaused(vm);
    await waitForReady(vm, until);
    return openSession(vm, guest, until);
  };
  const { path = '', follow = false, keepOwner = false } = request;
  switch (request.kind) {
    case OPEN_KIND.ATTACH: {
      const { metadata, spec } = vm.record;
      // Input may come long after the stream was opened, so its session has a deadline of its own.
      const later = () => session(AbortSignal.timeout(INPUT_DEADLINE_MS));
      return asStream(
        await attachMain({
          handle,
          session: later,
          name: metadata.name,
          takesInput: spec.stdin || spec.tty,
          signal: new AbortController().signal,
        }),
      );
    }
    case OPEN_KIND.CONSOLE:
      return asStream(await openConsole(vm, signal));
    case OPEN_KIND.EXEC:
      return asStream(await (await session()).exec(execRequest(request)));
    case OPEN_KIND.GET:
      return asStream(await (await session()).get({ path, follow }));
    case OPEN_KIND.PUT:
      return asStream(await (await session()).put({ path, keepOwner }));
    case OPEN_KIND.STAT:
      return { kind: 'file', facts: await (await session()).stat(path, signal) };
  }
}

function asStream(stream: GuestStream): OpenedStream {
  return { kind: 'stream', stream };
}

function execRequest({ argv = [], env = [], cwd, user, tty, detached = false }: OpenRequest) {
  return {
    argv,
    env,
    detached,
    ...(cwd === undefined ? {} : { workdir: cwd }),
    ...(user === undefined ? {} : { user }),
    ...(tty === undefined ? {} : { tty }),
  };
}

/** The serial console as a stream; it ends when the VM does. */
async function openConsole(vm: LiveVm, signal: AbortSignal): Promise<GuestStream> {
  const console = await runningHandle(vm).open('console', signal);
  const closed = Promise.withResolvers<void>();
  const stdout = new PassThrough();
  console.once('close', () => {
    stdout.end(); // a console that was given up has no end of its own: its reader would wait for ever
    closed.resolve();
  });
  console.once('error', () => console.destroy());
  console.pipe(stdout);
  const stderr = new PassThrough();
  stderr.end();
  return {
    stdin: console,
    stdout,
    stderr,
    exit: closed.promise.then(() => ({ code: 0, oom: false })),
    signal: () => {},
    resize: () => {},
    reset: () => console.destroy(),
  };
}
