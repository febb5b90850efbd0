// `ignite port`, as Docker prints it.
import { IgniteError } from '@ignite/api/errors';
import type { PortMapping } from '@ignite/api/ports';
import type { CommandContext } from '../context.ts';
import { usage } from '../usage-error.ts';
import { portsOf } from '../views/index.ts';

export async function run(context: CommandContext): Promise<number> {
  const [word = '', wanted] = context.operands;
  const only = wanted === undefined ? undefined : readPort(wanted);
  const client = await context.client();
  const vm = await client.inspectVm(word, { signal: context.signal });
  const ports = portsOf(vm).filter(
    ({ vmPort, protocol }) => only === undefined || (vmPort === only.port && protocol === only.protocol),
  );
  if (only !== undefined && ports.length === 0)
    throw new IgniteError(
      'cli/no-match',
      `${vm.metadata.name} does not publish ${only.port}/${only.protocol}`,
      {
        details: {
          hint: '`ignite port VM` lists what it publishes; ports are published by -p of `ignite run`.',
        },
      },
    );
  for (const port of ports)
    context.out.data(only === undefined ? `${port.vmPort}/${port.protocol} -> ${place(port)}` : place(port));
  return 0;
}

function place({ bindAddress = '0.0.0.0', hostPort }: PortMapping): string {
  return `${bindAddress.includes(':') ? `[${bindAddress}]` : bindAddress}:${hostPort}`;
}

function readPort(text: string): { readonly port: number; readonly protocol: string } {
  const [, port, protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp))?$/.exec(text) ?? [];
  if (port === undefined) throw usage(`"${text}" is no port: write 80 or 53/udp`);
  return { port: Number(port), protocol };
}
