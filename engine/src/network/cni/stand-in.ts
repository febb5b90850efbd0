// A DEL that finds what the plugins look for. They read addresses from the interface before they remove what they made
// for them on the host (bridge's and ptp's masquerading), so where the namespace is gone one like it stands in.
import type { Commands } from '../../host/index.ts';
import { lookInside } from '../given/look.ts';
import { makeSpace, type Space, spaceExists } from '../given/space.ts';
import { ipBatch } from '../ip-batch.ts';
import type { CniRecord } from './record.ts';
import { addressesIn, resultBySight } from './result.ts';

/** Makes the namespace as the plugins left it, as far as that is known, and completes the record's result. */
export async function standIn(
  commands: Commands,
  space: Space,
  record: CniRecord,
  signal: AbortSignal,
): Promise<CniRecord> {
  const { attachment, configuration, result } = record;
  const name = attachment.interface;
  const addresses = addressesIn(result).map((address) => `address add ${address} dev ${name}`);
  const inside = { netns: space.name };
  if (!(await spaceExists(commands, space, signal))) {
    await makeSpace(commands, space, signal);
    if (addresses.length > 0)
      await ipBatch(commands, [`link add ${name} type veth peer name peer`, ...addresses], inside, signal);
    return record;
  }
  const found = await lookInside(commands, space, signal);
  const bare = found.some((one) => one.name === name && one.address === undefined);
  if (bare) await ipBatch(commands, addresses, inside, signal);
  const known = result ?? resultBySight(configuration.cniVersion, attachment, found);
  return { ...record, ...(known === undefined ? {} : { result: known }) };
}
