// `-P`: the ports the image names, on free ports of the host.
import type { RequestBody } from '@ignite/api';
import { parsePorts } from '@ignite/api/ports';
import type { Client, OperationOptions } from '@ignite/client';

type CreateBody = RequestBody<'createVm'>;

/** The request with the image's ports added to those that are published already. */
export async function exposedPorts(
  client: Client,
  body: CreateBody,
  call: OperationOptions,
): Promise<CreateBody> {
  const reference = body.spec.image?.oci ?? '';
  const { credentials, insecureRegistries, pull } = body;
  const image = await client.pullImage(
    {
      reference,
      pull: pull ?? 'missing',
      ...(credentials === undefined ? {} : { credentials }),
      ...(insecureRegistries === undefined ? {} : { insecureRegistries }),
    },
    call,
  );
  const ports = body.spec.network?.ports ?? [];
  const named = image.status.config.exposedPorts.flatMap((word) => parsePorts(word));
  const more = named.filter(
    (port) => !ports.some((one) => one.vmPort === port.vmPort && (one.protocol ?? 'tcp') === port.protocol),
  );
  return { ...body, spec: { ...body.spec, network: { ...body.spec.network, ports: [...ports, ...more] } } };
}
