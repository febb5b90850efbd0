// How long after a daemon was killed and started again a VM is found by name.
import { Resolver } from 'node:dns/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isDaemon, findProcesses } from '../e2e/world/leftovers.ts';
import { runProgram } from '../e2e/world/program.ts';
import { waitFor } from '../e2e/world/wait-for.ts';
import { withIdleGuest } from './guest.ts';
import { type Bench, IGNITE } from './place.ts';
import { median, ms, print } from './table.ts';

const LOOK_EVERY_MS = 5;

/** Prints the table. @param rounds how often the daemon is killed */
export async function benchResolver(bench: Bench, rounds: number): Promise<void> {
  const times: number[] = [];
  await withIdleGuest(bench, async (uid) => {
    const { metadata, bound } = await bench.client.inspectVm(uid);
    const nic = bound?.nics[0];
    if (nic?.mode !== 'bridge') throw new Error('The section network needs root');
    for (let round = 0; round < rounds; round += 1) {
      await killDaemon(bench);
      const start = performance.now();
      const started = runProgram([IGNITE, 'ps', '-q']);
      await untilFound(nic.gateway, metadata.name, nic.address);
      times.push(performance.now() - start);
      await started;
    }
  });
  print(
    `A VM is found by name again: from the \`ignite ps\` that starts the daemon, ${rounds} rounds`,
    ['median', 'slowest', 'wanted'],
    [[ms(median(times)), ms(Math.max(...times)), '≤ 1 s']],
  );
}

async function killDaemon({ place }: Bench): Promise<void> {
  const daemon = (await findProcesses(place.root)).find(({ line }) => isDaemon(line));
  if (daemon === undefined) throw new Error('The daemon does not run');
  process.kill(daemon.pid, 'SIGKILL');
  const gone = async () => (await findProcesses(place.root)).every(({ pid }) => pid !== daemon.pid);
  await waitFor('the daemon is gone', gone);
}

/** Asks the gateway, as a guest does, until it knows the VM. */
async function untilFound(gateway: string, name: string, address: string): Promise<void> {
  for (;;) {
    // A new one each time: one that has failed leaves its server alone for some seconds.
    const resolver = new Resolver({ timeout: 200, tries: 1 });
    resolver.setServers([gateway]);
    const found = await resolver.resolve4(name).catch((): string[] => []);
    if (found.includes(address)) return;
    await delay(LOOK_EVERY_MS);
  }
}
