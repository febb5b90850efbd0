// All plugins of a configuration: added one after the other, deleted in the opposite order (CNI spec, section 3).
import { IgniteError, isIgniteError } from '@ignite/api';
import { isObject, type NetworkConfiguration, type PluginConfiguration, VERSIONS } from './configuration.ts';
import { callPlugin, findPlugin, type PluginHost } from './plugin.ts';
import type { CniRecord } from './record.ts';

/**
 * Adds the network. After each plugin its answer is handed to `keep`.
 * @returns the record with the last result
 */
export async function addNetwork(
  host: PluginHost,
  record: CniRecord,
  keep: (record: CniRecord) => Promise<void>,
  signal: AbortSignal,
): Promise<CniRecord> {
  let current = record;
  for (const plugin of record.configuration.plugins) {
    const configuration = completed(plugin, current, current.result);
    const { attachment } = record;
    const result = await callPlugin(host, { command: 'ADD', attachment, configuration, signal });
    if (result === undefined) continue;
    current = { ...current, result };
    await keep(current);
  }
  return current;
}

/** Deletes the network: every plugin is asked, and the first failure is thrown after the last. */
export async function deleteNetwork(host: PluginHost, record: CniRecord, signal: AbortSignal): Promise<void> {
  const { attachment, configuration, result } = record;
  const failures: unknown[] = [];
  for (const plugin of configuration.plugins.toReversed()) {
    try {
      // Plugins of older versions do not know a result here.
      const known = isBefore(configuration.cniVersion, '0.4.0') ? undefined : result;
      const call = {
        command: 'DEL',
        attachment,
        configuration: completed(plugin, record, known),
        signal,
      } as const;
      await callPlugin(host, call);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/**
 * Asks every plugin by CHECK whether what it made is unchanged. Not possible before version 0.4.0, without the result of the
 * ADD, or where the configuration disables it: then there are no answers.
 * @returns each plugin in its turn, with what it found broken
 */
export async function checkNetwork(
  host: PluginHost,
  record: CniRecord,
  signal: AbortSignal,
): Promise<readonly { readonly plugin: string; readonly failure?: IgniteError }[]> {
  const { attachment, configuration, result } = record;
  if (result === undefined || configuration.disableCheck === true) return [];
  if (isBefore(configuration.cniVersion, '0.4.0')) return [];
  const found: { readonly plugin: string; readonly failure?: IgniteError }[] = [];
  for (const plugin of configuration.plugins) {
    const asked = completed(plugin, record, result);
    try {
      await callPlugin(host, { command: 'CHECK', attachment, configuration: asked, signal });
      found.push({ plugin: plugin.type });
    } catch (failure) {
      if (!isIgniteError(failure) || signal.aborted) throw failure;
      found.push({ plugin: plugin.type, failure });
    }
  }
  return found;
}

function isBefore(version: string, other: string): boolean {
  return VERSIONS.indexOf(version) > VERSIONS.indexOf(other);
}

function completed(
  plugin: PluginConfiguration,
  { configuration: { name, cniVersion }, portMappings }: CniRecord,
  prevResult: CniRecord['result'],
): PluginConfiguration {
  return {
    ...plugin,
    name,
    cniVersion,
    ...(takesPorts(plugin) && portMappings.length > 0 ? { runtimeConfig: { portMappings } } : {}),
    ...(prevResult === undefined ? {} : { prevResult }),
  };
}

function takesPorts({ capabilities }: PluginConfiguration): boolean {
  return isObject(capabilities) && capabilities['portMappings'] === true;
}

/**
 * Says early what an ADD would say late.
 * @throws IgniteError `network/cni-no-plugin`, `network/cni-no-ports`
 */
export async function refuseUnfit(
  folders: readonly string[],
  { name, plugins }: NetworkConfiguration,
  wantsPorts: boolean,
): Promise<void> {
  for (const { type, ipam } of plugins) {
    await findPlugin(folders, type);
    if (isObject(ipam) && typeof ipam['type'] === 'string') await findPlugin(folders, ipam['type']);
  }
  if (wantsPorts && !plugins.some(takesPorts))
    throw new IgniteError('network/cni-no-ports', `The CNI network ${name} publishes no ports`);
}
