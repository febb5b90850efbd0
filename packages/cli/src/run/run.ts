// `ignite run`: make a VM, start it, and in app mode stay with its command (CLI rules 4, 5, 12, 18 and 19).
import type { Client, VmDocument } from '@ignite/client';
import type { FlagValues } from '../argv/index.ts';
import {
  type Foreground,
  removeFailed,
  removeQuietly,
  startDetached,
  startForeground,
  waitForEnd,
} from '../attach/start-vm.ts';
import type { CommandContext } from '../context.ts';
import { requireTerminal } from '../terminal/require-terminal.ts';
import { usage } from '../usage-error.ts';
import { createVm } from './create.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags } = context;
  if (flags.bool('detach') && flags.has('attach')) throw usage('-d and -a exclude each other');
  const streams = flags.list('attach').map((stream) => stream.toLowerCase());
  if (streams.length === 0 || streams.includes('stdin')) requireTerminal(context);
  const { client, vm } = await createVm(context);
  const wanted = flags.bool('detach') ? undefined : foreground(flags, vm);
  return wanted === undefined
    ? await runDetached(context, client, vm)
    : await runForeground(context, client, vm, wanted);
}

/** What of the VM we stay with; undefined: nothing, it runs on without us. */
export function foreground(flags: FlagValues, vm: VmDocument): Foreground | undefined {
  const app = vm.bound?.mode !== 'system';
  const [interactive, tty, streams] = [flags.bool('interactive'), flags.bool('tty'), flags.list('attach')];
  if (!app && !interactive && !tty && streams.length === 0) return undefined;
  const named = streams.map((stream) => stream.toLowerCase());
  const all = named.length === 0;
  return {
    kind: app ? 'app' : 'console',
    stdin: interactive && (all || named.includes('stdin')),
    stdout: all || named.includes('stdout'),
    stderr: all || named.includes('stderr'),
    tty: app ? tty : interactive || tty,
  };
}

async function runDetached(context: CommandContext, client: Client, vm: VmDocument): Promise<number> {
  const system = vm.bound?.mode === 'system';
  const ssh = system && vm.spec.ssh !== undefined && vm.spec.ssh !== false;
  try {
    await startDetached(context, client, vm, ssh ? 'ssh' : 'agent', !context.flags.bool('keep-failed'));
  } catch (error) {
    await removeFailed(context, client, vm);
    throw error;
  }
  context.out.data(vm.metadata.uid);
  return 0;
}

async function runForeground(
  context: CommandContext,
  client: Client,
  vm: VmDocument,
  wanted: Foreground,
): Promise<number> {
  let up = false;
  try {
    const goes = !context.flags.bool('keep-failed');
    const end = await startForeground(context, client, vm, { ...wanted, removeFailed: goes }, () => {
      up = true;
    });
    if (end.detached) return end.code;
    // What the guest wrote to volumes and folders is there once it has ended, not when its command has.
    const removes = context.flags.bool('rm');
    if (!removes || vm.spec.storage !== undefined) await waitForEnd(client, vm);
    if (removes) await removeQuietly(context, client, vm);
    return end.code;
  } catch (error) {
    if (!up) await removeFailed(context, client, vm);
    throw error;
  }
}
