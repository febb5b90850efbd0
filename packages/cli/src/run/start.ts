// `ignite start`. A VM that runs already is no error (CLI rule 11); a failing start keeps the VM (rule 19).
// Several are started side by side: the daemon says how many boot at once.
import type { Client } from '@ignite/client';
import { startDetached, startForeground, waitForEnd } from '../attach/start-vm.ts';
import type { CommandContext } from '../context.ts';
import { pluginNetwork } from '../request/network-words.ts';
import { runtimeWord } from '../request/runtime-word.ts';
import { usage } from '../usage-error.ts';
import { AT_ONCE, forEach, inOrder } from './shared/each.ts';
import { isRunning, vmSentence } from './shared/vm-names.ts';

type Vm = Awaited<ReturnType<Client['inspectVm']>>;

export async function run(context: CommandContext): Promise<number> {
  const { flags, operands } = context;
  pluginNetwork(flags);
  const stay = flags.bool('attach') || flags.bool('interactive');
  if (stay && operands.length > 1) throw usage('Only one VM can be attached to');
  const client = await context.client();
  if (stay) return await startAttached(context, client, operands[0] ?? '');
  const turn = inOrder();
  const one = async (word: string) => {
    const { uid } = (await client.inspectVm(word, { signal: context.signal })).metadata;
    return await turn(uid, () => startOne(context, client, uid));
  };
  return await forEach(context, operands, one, AT_ONCE);
}

async function startOne(context: CommandContext, client: Client, word: string): Promise<string> {
  const vm = await client.inspectVm(word, { signal: context.signal });
  refuseOtherNetwork(context, vm);
  if (isRunning(vm) && vm.status.state !== 'stopping') {
    context.out.note(vmSentence('Already running:', vm));
    return vm.metadata.uid;
  }
  await changeRuntime(context, client, vm);
  const ssh = vm.bound?.mode === 'system' && vm.spec.ssh !== undefined && vm.spec.ssh !== false;
  const started = await startDetached(context, client, vm, ssh ? 'ssh' : 'agent');
  context.out.note(vmSentence('Started', started));
  return started.metadata.uid;
}

/** A VM keeps the network it was made with; the original changed it here. */
function refuseOtherNetwork({ flags }: CommandContext, { metadata, spec }: Vm): void {
  const { mode } = pluginNetwork(flags);
  if (mode === undefined || mode === spec.network?.mode) return;
  throw usage(
    `${metadata.name} has the network ${spec.network?.mode}; --network-plugin ${mode} is for create and run`,
  );
}

/** What is named here is what the VM keeps, as with the original (CLI-S04). */
async function changeRuntime({ flags, signal }: CommandContext, client: Client, vm: Vm): Promise<void> {
  const runtime = runtimeWord(flags);
  if (runtime === undefined || runtime === (vm.spec.runtime ?? 'process')) return;
  await client.updateVm(vm.metadata.uid, { runtime }, { signal });
}

async function startAttached(context: CommandContext, client: Client, word: string): Promise<number> {
  const vm = await client.inspectVm(word, { signal: context.signal });
  refuseOtherNetwork(context, vm);
  if (isRunning(vm)) throw usage(`${vm.metadata.name} runs already; use \`ignite attach\``);
  await changeRuntime(context, client, vm);
  const app = vm.bound?.mode !== 'system';
  const { interactive, tty } = { interactive: context.flags.bool('interactive'), tty: vm.spec.tty };
  const end = await startForeground(context, client, vm, {
    kind: app ? 'app' : 'console',
    stdin: interactive,
    stdout: true,
    stderr: true,
    tty: app ? tty : interactive,
  });
  if (!end.detached) await waitForEnd(client, vm);
  return end.code;
}
