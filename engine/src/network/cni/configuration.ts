// Network configurations of CNI, as libcni reads them: files of a folder in the order of their names
// (https://www.cni.dev/docs/spec/, section 1). Pure.
import { IgniteError } from '@ignite/api';

/** One plugin of a configuration; what it means is the plugin's. */
export interface PluginConfiguration {
  readonly type: string;
  readonly capabilities?: unknown;
  readonly [key: string]: unknown;
}

/** A network: its plugins one after the other. */
export interface NetworkConfiguration {
  readonly name: string;
  readonly cniVersion: string;
  readonly plugins: readonly PluginConfiguration[];
  /** Its author has disabled CHECK (`disableCheck`). */
  readonly disableCheck?: true;
}

/** Spec versions that we speak; the newest first. */
export const VERSIONS: readonly string[] = ['1.1.0', '1.0.0', '0.4.0', '0.3.1', '0.3.0'];

/** The default configuration's file: the name that the original gave it. */
export const DEFAULT_FILE = '10-ignite.conflist';

/** What stands in a folder without any configuration: the network that users of the original had (NET-03). */
export const DEFAULT_CONFIGURATION: NetworkConfiguration = {
  cniVersion: '0.4.0',
  name: 'ignite-cni-bridge',
  plugins: [
    {
      type: 'bridge',
      bridge: 'ignite0',
      isGateway: true,
      isDefaultGateway: true,
      promiscMode: true,
      ipMasq: true,
      ipam: { type: 'host-local', subnet: '10.61.0.0/16' },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
    { type: 'firewall' },
  ],
};

/** Whether a file of the folder is a configuration, by its name. */
export function isConfigurationFile(file: string): boolean {
  return /\.(conf|conflist|json)$/.test(file);
}

/**
 * Reads one file: a list (`plugins`) or a single plugin.
 * @param path for messages
 * @throws IgniteError `network/cni-bad-configuration`
 */
export function parseConfiguration(text: string, path: string): NetworkConfiguration {
  const bad = (what: string) =>
    new IgniteError('network/cni-bad-configuration', `The CNI configuration ${path} ${what}`);
  const value = parseJson(text);
  if (!isObject(value)) throw bad('is no JSON object');
  const { name } = value;
  if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) throw bad('has no valid name');
  const cniVersion = versionOf(value);
  if (cniVersion === undefined)
    throw bad(
      `names no version that is supported (0.3.0 to 1.1.0): cniVersion ${JSON.stringify(value['cniVersion'])}`,
    );
  const listed = path.endsWith('.conflist') || Array.isArray(value['plugins']) ? value['plugins'] : [value];
  if (!Array.isArray(listed) || listed.length === 0) throw bad('lists no plugins');
  const plugins = listed.filter(isPlugin);
  if (plugins.length < listed.length) throw bad('has a plugin without a valid type');
  const disableCheck = value['disableCheck'] === true;
  return { name, cniVersion, plugins, ...(disableCheck ? { disableCheck } : {}) };
}

/** `cniVersion`, or the newest of `cniVersions` (1.1.0) that we speak. */
function versionOf({ cniVersion, cniVersions }: Readonly<Record<string, unknown>>): string | undefined {
  const offered: readonly unknown[] = Array.isArray(cniVersions) ? cniVersions : [];
  return VERSIONS.find(
    (version) => offered.includes(version) || (offered.length === 0 && version === cniVersion),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A type names a program in one of our folders and nothing else. */
function isPlugin(value: unknown): value is PluginConfiguration {
  return (
    isObject(value) && typeof value['type'] === 'string' && /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(value['type'])
  );
}

/** Whether it is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
