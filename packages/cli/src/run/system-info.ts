// `ignite system info`.
import type { CommandContext } from '../context.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, out, signal } = context;
  const client = await context.client();
  const [info, version] = await Promise.all([client.info({ signal }), client.version({ signal })]);
  const form = flags.string('output');
  if (form === 'json') out.data(JSON.stringify({ ...info, daemon: version }, undefined, 2));
  else if (form === 'yaml')
    out.data((await import('yaml')).stringify({ ...info, daemon: version }).trimEnd());
  else for (const line of infoLines(client.socketPath, info, version)) out.data(line);
  return 0;
}

type Result<T extends (...args: never[]) => unknown> = Awaited<ReturnType<T>>;
type Client = Awaited<ReturnType<CommandContext['client']>>;

function infoLines(
  socket: string,
  info: Result<Client['info']>,
  version: Result<Client['version']>,
): readonly string[] {
  const drivers = info.drivers.map((driver) => {
    const facts = [
      driver.version,
      driver.accelerator,
      driver.usable ? undefined : (driver.reason ?? 'not usable'),
    ];
    return `  ${driver.name}: ${facts.filter((fact) => fact !== undefined).join(', ')}`;
  });
  return [
    `Daemon:          ${version.version} (pid ${version.pid}${info.root ? '' : ', not root'})`,
    `Socket:          ${socket}`,
    `State directory: ${info.stateDirectory}`,
    `Run directory:   ${info.runDirectory}`,
    `VMs:             ${info.vms.total} (${info.vms.running} running${info.vms.broken > 0 ? `, ${info.vms.broken} broken` : ''})`,
    `Images:          ${info.images}`,
    `Kernels:         ${info.kernels}`,
    'VMMs:',
    ...drivers,
  ];
}
