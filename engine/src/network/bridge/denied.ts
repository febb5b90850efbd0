// What the policies refused a VM, out of the counters of our tables.
import { runInside } from './inside.ts';
import type { NetworkParts } from './options.ts';
import { DENIED, DENIED_OTHER, DENIERS } from './policy.ts';
import type { BridgeNic, DeniedRow } from '../port.ts';

type Run = (question: string, json: boolean) => Promise<string>;

/** Refusals of one NIC: towards the world and the host, and towards its neighbours. */
export async function deniedOf(
  parts: NetworkParts,
  nic: Pick<BridgeNic, 'address'>,
  signal: AbortSignal,
): Promise<{ readonly total: number; readonly rows: readonly DeniedRow[] }> {
  const options = { signal, okCodes: [0, 1, 255], maxOutputBytes: 16 << 20 };
  const argv = (question: string, json: boolean) =>
    ['nft', ...(json ? ['-j'] : []), question] as const satisfies readonly string[];
  const outside: Run = async (question, json) =>
    (await parts.commands.run(['nft', ...argv(question, json).slice(1)], options)).stdout;
  const inside: Run = async (question, json) =>
    (await runInside(parts, ['nft', ...argv(question, json).slice(1)], options)).stdout;
  const seen = await Promise.all([outside, inside].map((run) => seenBy(run, parts.names.table, nic.address)));
  return {
    total: seen.reduce((sum, { total }) => sum + total, 0),
    rows: seen.flatMap(({ rows }) => rows).toSorted((a, b) => b.packets - a.packets),
  };
}

async function seenBy(run: Run, table: string, address: string) {
  const [total, ...lists] = await Promise.all([
    run(`get element inet ${table} ${DENIERS} { ${address} }`, false),
    ...[DENIED, DENIED_OTHER].map((set) => run(`list set inet ${table} ${set}`, true)),
  ]);
  return {
    total: Number(/counter packets (\d+)/.exec(total)?.[1] ?? 0),
    rows: lists.flatMap(parseDenied).flatMap(({ source, ...row }) => (source === address ? [row] : [])),
  };
}

/** Elements of a set of refusals as `nft -j list set` prints them (libnftables-json(5)). */
function parseDenied(text: string): readonly (DeniedRow & { readonly source: string })[] {
  const found: (DeniedRow & { readonly source: string })[] = [];
  const document: unknown = text.trim() === '' ? undefined : JSON.parse(text);
  for (const entry of listOf(fieldOf(document, 'nftables')))
    for (const element of listOf(fieldOf(fieldOf(entry, 'set'), 'elem'))) {
      const inner = fieldOf(element, 'elem');
      const [source, destination, protocol, port] = listOf(fieldOf(fieldOf(inner, 'val'), 'concat'));
      const packets = fieldOf(fieldOf(inner, 'counter'), 'packets');
      if (typeof source !== 'string' || typeof destination !== 'string' || typeof packets !== 'number')
        continue;
      found.push({
        source,
        destination,
        protocol: String(protocol),
        ...(typeof port === 'number' ? { port } : {}),
        packets,
      });
    }
  return found;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
