// What `ignite net check` finds of a VM on a CNI network: its namespace, the way from its interfaces to the guest's, and
// what the plugins say of what they made.
import type { Commands } from '../../host/index.ts';
import { isJoined } from '../given/redirect.ts';
import { type Space, spaceExists } from '../given/space.ts';
import type { CheckedHop, CniNic } from '../port.ts';
import { checkNetwork } from './chain.ts';
import type { PluginHost } from './plugin.ts';
import type { CniRecord } from './record.ts';

const AGAIN = '`ignite restart VM` has the plugins make it anew.';

interface CniCheck {
  readonly commands: Commands;
  readonly host: PluginHost;
  readonly space: Space;
  /** Of the last ADD; absent where nothing was added. */
  readonly record: CniRecord | undefined;
}

/** The hops of one NIC, from the host's end on. */
export async function checkCni(
  { commands, host, space, record }: CniCheck,
  { given = [] }: CniNic,
  signal: AbortSignal,
): Promise<readonly CheckedHop[]> {
  if (!(await spaceExists(commands, space, signal)))
    return [{ hop: 'namespace', ok: false, found: `there is no ${space.name}`, hint: AGAIN }];
  const names = given.map(({ name }) => name).join(', ');
  const joined = await isJoined(commands, space, given, signal);
  const plugins = record === undefined ? [] : await checkNetwork(host, record, signal);
  return [
    { hop: 'namespace', ok: true, found: space.name },
    joined
      ? { hop: 'tap', ok: true, found: `the guest stands in for ${names}` }
      : { hop: 'tap', ok: false, found: `frames of ${names} do not reach the guest`, hint: AGAIN },
    ...plugins.map(({ plugin, failure }) => ({
      hop: `plugin ${plugin}`,
      ...(failure === undefined
        ? { ok: true, found: 'what it made is there' }
        : { ok: false, found: failure.message, hint: AGAIN }),
    })),
  ];
}
