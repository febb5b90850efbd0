// Interfaces, namespaces and rules with the mark of this engine that belong to no VM and to no network of it.
import { readFile } from 'node:fs/promises';
import { type Commands, namesIn } from '../../host/index.ts';
import { parseRows, textOf } from '../host-look.ts';
import { isNetworkLink, networkNames } from '../names.ts';
import type { NetworkStray } from '../port.ts';
import { strayRules } from './stray-rules.ts';

interface StraysInput {
  readonly commands: Commands;
  readonly instance: string;
  readonly ordinal: number;
  /** Interfaces of the networks there are: `ign0`, `ign0n3`. */
  readonly links: () => Promise<readonly string[]>;
  /** Whether a slot belongs to a VM, or to one that is being made. */
  readonly isUsed: (slot: number) => boolean;
  /** Addresses of all VMs there are; undefined: a VM cannot be read, so that any address may be its own. */
  readonly addresses: () => ReadonlySet<string> | undefined;
}

/** What can be removed. Of an engine that is not root nothing is in the host's network. */
export async function networkStrays(
  input: StraysInput,
  signal: AbortSignal,
): Promise<readonly NetworkStray[]> {
  const { instance, ordinal } = input;
  const { mark } = networkNames(instance, ordinal);
  // What is there before the networks: a network has its record before anything of it is made.
  const own = (await namesIn('/run/netns')).filter((name) => name.startsWith(`${mark}-`));
  const links = (await namesIn('/sys/class/net')).filter((name) => isNetworkLink(name, ordinal));
  const known = await input.links();
  const ofNetworks = known.map((link) => `${mark}-${link}`);
  const strays = own.filter((name) => !ofNetworks.includes(name) && !isOfUsedSlot(name, mark, input.isUsed));
  const kept = own.filter((name) => ofNetworks.includes(name));
  return [
    ...(await Promise.all(kept.map((name) => strayTaps(name, input, signal)))).flat(),
    ...(await strayLinks(
      links.filter((name) => !known.includes(name)),
      input,
    )),
    ...strays.map((name) => strayNamespace(name, input)),
    ...(await strayRules({ ...input, namespaces: kept }, signal)),
  ];
}

/** `ignite-0-01a8d0-vm17` is the namespace of one VM. */
function isOfUsedSlot(name: string, mark: string, isUsed: StraysInput['isUsed']): boolean {
  const slot = /^vm(\d{1,4})$/.exec(name.slice(mark.length + 1))?.[1];
  return slot !== undefined && isUsed(Number(slot));
}

function strayNamespace(name: string, { commands, links }: StraysInput): NetworkStray {
  const remove = async (signal: AbortSignal) => {
    if ((await links()).some((link) => name.endsWith(`-${link}`))) return; // a network was made meanwhile
    await commands.run(['ip', 'netns', 'del', name], { signal, okCodes: [0, 1] });
  };
  return { kind: 'netns', name, why: 'neither a network nor a VM needs it', remove };
}

async function strayTaps(
  netns: string,
  { commands, ordinal, isUsed }: StraysInput,
  signal: AbortSignal,
): Promise<readonly NetworkStray[]> {
  const look = await commands.run(['ip', '-n', netns, '-json', 'link', 'show'], {
    signal,
    okCodes: [0, 1, 255],
  });
  if (look.code !== 0) return []; // a name without its namespace; the repair of its network removes it
  const pattern = new RegExp(`^ign${ordinal}[trv](\\d{1,4})(n\\d+)?$`);
  return parseRows(look.stdout).flatMap((row) => {
    const name = textOf(row, 'ifname') ?? '';
    const slot = pattern.exec(name)?.[1];
    if (slot === undefined || isUsed(Number(slot))) return [];
    const remove = async (until: AbortSignal) => {
      if (isUsed(Number(slot))) return;
      await commands.run(['ip', '-n', netns, 'link', 'del', 'dev', name], { signal: until, okCodes: [0, 1] });
    };
    return [{ kind: 'tap', name, why: `tap of slot ${slot}, which no VM has`, remove } as const];
  });
}

/** An interface of such a name is ours only if it says so. */
async function strayLinks(unknown: readonly string[], input: StraysInput): Promise<readonly NetworkStray[]> {
  const { alias } = networkNames(input.instance, input.ordinal);
  const found = await Promise.all(
    unknown.map(async (name): Promise<readonly NetworkStray[]> => {
      const says = await readFile(`/sys/class/net/${name}/ifalias`, 'utf8').catch(() => '');
      if (says.trim() !== alias) return [];
      const remove = async (signal: AbortSignal) => {
        if ((await input.links()).includes(name)) return; // a network was made meanwhile
        await input.commands.run(['ip', 'link', 'del', 'dev', name], { signal, okCodes: [0, 1] });
      };
      return [{ kind: 'link', name, why: 'no network has it', remove }];
    }),
  );
  return found.flat();
}
