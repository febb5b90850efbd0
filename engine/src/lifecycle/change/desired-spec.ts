// From a spec as people write it to the whole spec that an existing VM should have. Pure.
import {
  DEFAULTS,
  fillSpec,
  IgniteError,
  layerSpecs,
  type PortMapping,
  type VmRecord,
  type VmSpec,
  type VmSpecInput,
} from '@ignite/api';

/**
 * Defaults filled in as at creation. What was chosen once and is left open by `wanted` stays as it is: random ports,
 * the mode of the network, the runtime (CFG-03), the grace of a machine.
 * @throws IgniteError `api/invalid-object` without an image
 */
export function desiredSpec(wanted: VmSpecInput, vmDefaults: VmSpecInput, record: VmRecord): VmSpec {
  const { network, runtime } = record.spec;
  const chosen = { network: { mode: network.mode }, ...(runtime === undefined ? {} : { runtime }) };
  const layered = layerSpecs(chosen, vmDefaults, wanted);
  const spec = fillSpec(layered);
  if (spec === undefined)
    throw new IgniteError('api/invalid-object', `The VM ${record.metadata.name} must name an image`);
  const said = wanted.stopTimeout ?? vmDefaults.stopTimeout;
  const machine = record.bound.mode === 'system' && said === undefined;
  return {
    ...spec,
    ...(machine ? { stopTimeout: DEFAULTS.machineStopTimeoutSeconds } : {}),
    network: {
      ...spec.network,
      // A VM without a network has no ports, whatever is written.
      ports: spec.network.mode === 'none' ? [] : spec.network.ports.map((port) => keepChosen(port, record)),
    },
  };
}

/** A port that asks for any host port keeps the one it has. */
function keepChosen(port: PortMapping, { spec }: VmRecord): PortMapping {
  if (port.hostPort !== 0) return port;
  const chosen = spec.network.ports.find(
    (one) =>
      one.vmPort === port.vmPort && one.protocol === port.protocol && one.bindAddress === port.bindAddress,
  );
  return chosen ?? port;
}
