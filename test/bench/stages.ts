// The stages of a start: those of the engine as the API's progress tells them, those of the guest as its READY does.
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Bench, IMAGE } from './place.ts';
import { median, ms, print } from './table.ts';
import { COMMAND } from './template.ts';

/** Name and duration of each stage, in order. */
type Stages = readonly (readonly [name: string, ms: number])[];

/** Prints the medians of each stage. @param total the median of `ignite run`, for the share of the command line */
export async function measureStages(bench: Bench, rounds: number, total: number): Promise<void> {
  const runs: Stages[] = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await stagesOfOne(bench));
  const names = runs[0]?.map(([name]) => name) ?? [];
  const medians = names.map((name) => [name, median(runs.flatMap((run) => durations(run, name)))] as const);
  const sum = medians.reduce((all, [, time]) => all + time, 0);
  print(
    'Start by stages, medians',
    ['stage', 'time'],
    [
      ...medians.map(([name, time]) => [name, ms(time)]),
      ['sum', ms(sum)],
      ['the rest of `ignite run`: its own start, connections, output', ms(total - sum)],
    ],
  );
}

function durations(run: Stages, wanted: string): readonly number[] {
  return run.filter(([name]) => name === wanted).map(([, time]) => time);
}

async function stagesOfOne({ client, place }: Bench): Promise<Stages> {
  const clock = createClock('create: request');
  const reportOf = (verb: string) => (progress: { readonly kind: string; readonly name?: string }) => {
    if (progress.kind === 'stage' && progress.name !== undefined) clock.enter(`${verb}: ${progress.name}`);
  };
  const body = { spec: { image: { oci: IMAGE }, command: [...COMMAND] } };
  const vm = await client.createVm(body, { report: reportOf('create') });
  clock.enter('start: request');
  await client.startVm(vm.metadata.uid, {}, { report: reportOf('start') });
  const host = clock.end();
  const guest = await guestStages(join(place.run, String(vm.bound?.slot), 'spawn.sock'));
  await client.removeVm(vm.metadata.uid, { force: true });
  const boot = host.at(-1)?.[1] ?? Number.NaN;
  const inside = guest.reduce((sum, [, time]) => sum + time, 0);
  return [
    ...host.slice(0, -1),
    ['start: supervisor, QEMU, firmware, READY’s way back', boot - inside],
    ...guest,
  ];
}

function createClock(first: string) {
  const stages: (readonly [string, number])[] = [];
  let name = first;
  let since = performance.now();
  const close = () => {
    const now = performance.now();
    stages.push([name, now - since]);
    since = now;
  };
  return {
    enter(next: string) {
      close();
      name = next;
    },
    end(): Stages {
      close();
      return stages;
    },
  };
}

/** READY's list, which ignite-spawn keeps: milliseconds since the guest's kernel began, at the end of each stage. */
async function guestStages(socketPath: string): Promise<Stages> {
  const socket = connect(socketPath);
  socket.write('status\n');
  const [line] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  const status = JSON.parse(line.toString()) as { ready?: { stages: Record<string, number> } };
  const ends = Object.entries(status.ready?.stages ?? {});
  return ends.map(([name, end], index) => [`guest: ${name}`, end - (ends[index - 1]?.[1] ?? 0)] as const);
}
