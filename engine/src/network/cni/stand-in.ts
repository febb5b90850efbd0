// A DEL that finds what the plugins look for. They read addresses from the interface before they remove what they made
// for them on the host (bridge's and ptp's masquerading), so where the namespace is gone one like it stands in.
import type { Commands } from '../../host/index.ts';
import { lookInside } from '../given/look.ts';
import { makeSpace, type Space, spaceExists } from '../given/space.ts';
import { batch } from '../links.ts';
import type { CniRecord } from './record.ts';
import { addressesIn, resultBySight } from './result.ts';

/** Does `work` with a namespace that is there, and a record that has a result wherever one can be told. */
export async function withNamespace(
  commands: Commands,
  space: Space,
  record: CniRecord,
  signal: AbortSignal,
  work: (record: CniRecord) => Promise<void>,
): Promise<void> {
  if (await spaceExists(commands, space, signal)) {
    const { attachment, configuration, result } = record;
    const known = result ?? resultBySight(configuration.cniVersion, attachment, await lookOrNothing());
    return work({ ...record, ...(known === undefined ? {} : { result: known }) });
  }
  await makeSpace(commands, space, signal);
  const addresses = addressesIn(record.result);
  const name = record.attachment.interface;
  if (addresses.length > 0) {
    const lines = addresses.map((address) => `address add ${address} dev ${name}`);
    await batch(
      commands,
      [`link add ${name} type veth peer name peer`, ...lines],
      { netns: space.name },
      signal,
    );
  }
  return work(record);

  /** A name whose namespace is lost cannot be looked into. */
  async function lookOrNothing() {
    return lookInside(commands, space, signal).catch(() => []);
  }
}
