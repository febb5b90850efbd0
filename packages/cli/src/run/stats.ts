// `ignite stats`: what VMs use, once or again every second.
import { setTimeout as delay } from 'node:timers/promises';
import { isIgniteError } from '@ignite/api/errors';
import type { Client } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { dockerStats, printList, STATS_COLUMNS, statsRow, type Sample } from '../views/index.ts';

const EVERY_MS = 1_000;
/** Clears a terminal and goes to its beginning. */
const CLEAR = '\u001b[2J\u001b[H';

export async function run(context: CommandContext): Promise<number> {
  const { flags, operands, out, signal } = context;
  const client = await context.client();
  const live = !flags.bool('no-stream');
  let before = await look(client, operands, signal);
  try {
    do {
      await delay(EVERY_MS, undefined, { signal });
      const now = await look(client, operands, signal);
      if (live && out.terminal && flags.string('format') === undefined) await out.bytes(Buffer.from(CLEAR)); // a line of data would show it
      await print(context, before, now);
      before = now;
    } while (live && !out.broken);
  } catch (error) {
    if (live && signal.aborted) return 130; // the usual way to end it
    throw error;
  }
  return 0;
}

type Stats = Awaited<ReturnType<Client['statsVm']>>;

/** Those named must run; of all, one that ends meanwhile is left out. */
async function look(
  client: Client,
  words: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Stats>> {
  const named = words.length > 0;
  const found = named ? words : await runningUids(client, signal);
  const stats = await Promise.all(
    found.map(async (word) => {
      try {
        return [await client.statsVm(word, { signal })];
      } catch (error) {
        if (named || !(isIgniteError(error) && [404, 409].includes(error.entry.status))) throw error;
        return [];
      }
    }),
  );
  return new Map(stats.flat().map((one) => [one.uid, one]));
}

async function runningUids(client: Client, signal: AbortSignal): Promise<readonly string[]> {
  const vms = await client.listVms({}, { signal });
  return vms.filter(({ status }) => status.running).map(({ metadata }) => metadata.uid);
}

function print(
  context: CommandContext,
  before: ReadonlyMap<string, Stats>,
  now: ReadonlyMap<string, Stats>,
): Promise<void> {
  const samples: readonly Sample[] = [...now.values()].map((one) => ({
    now: one,
    before: before.get(one.uid),
  }));
  return printList(context, {
    items: samples,
    uid: ({ now }) => now.uid,
    columns: STATS_COLUMNS,
    row: statsRow,
    docker: dockerStats,
  });
}
