// `--runtime`, `--network-plugin` and `--id-prefix` of `ignited` (CLI-F06 to CLI-F08): what the VMs get that a daemon
// makes, before what its Configuration says (CFG-02).
import {
  type ConfigurationSpec,
  IgniteError,
  NETWORK_PLUGINS,
  type NewVmDefaults,
  newVmDefaults,
  RUNTIMES,
} from '@ignite/api';

/** Flags, for parseArgs. */
export const NEW_VM_OPTIONS = {
  runtime: { type: 'string' },
  'network-plugin': { type: 'string' },
  'id-prefix': { type: 'string' },
} as const;

type Values = { readonly [K in keyof typeof NEW_VM_OPTIONS]?: string | undefined };

/**
 * Only what was said.
 * @param uid of the daemon: an ordinary user's has neither containers nor networks of the host
 * @throws IgniteError `daemon/usage`
 */
export function readNewVms(values: Values, uid: number): NewVmDefaults {
  const runtime = oneOf('runtime', values.runtime, RUNTIMES);
  const networkPlugin = oneOf('network-plugin', values['network-plugin'], NETWORK_PLUGINS);
  if (uid !== 0 && (runtime ?? 'process') !== 'process') throw onlyRoot(`--runtime ${runtime}`);
  if (uid !== 0 && (networkPlugin ?? 'user') !== 'user') throw onlyRoot(`--network-plugin ${networkPlugin}`);
  const prefix = values['id-prefix'];
  return {
    ...(runtime === undefined ? {} : { runtime }),
    ...(networkPlugin === undefined ? {} : { networkPlugin }),
    ...(prefix === undefined || prefix === '' ? {} : { idPrefix: idPrefix(prefix) }),
  };
}

/** A Configuration with what the flags say; its `vmDefaults` do not contradict them. */
export function withNewVms(configuration: ConfigurationSpec, newVms: NewVmDefaults): ConfigurationSpec {
  const { vmDefaults = {}, ...rest } = configuration;
  const { runtime, network, ...others } = vmDefaults;
  const { mode, ...addresses } = network ?? {};
  return {
    ...rest,
    ...newVms,
    vmDefaults: {
      ...others,
      ...(runtime === undefined || newVms.runtime !== undefined ? {} : { runtime }),
      ...(network === undefined
        ? {}
        : {
            network: {
              ...addresses,
              ...(mode === undefined || newVms.networkPlugin !== undefined ? {} : { mode }),
            },
          }),
    },
  };
}

function oneOf<T extends string>(
  flag: string,
  word: string | undefined,
  choices: readonly T[],
): T | undefined {
  const choice = choices.find((one) => one === word);
  if (word === undefined || choice !== undefined) return choice;
  throw new IgniteError('daemon/usage', `--${flag} takes one of ${choices.join(', ')}, not "${word}"`);
}

function idPrefix(word: string): string {
  const read = newVmDefaults.shape.idPrefix.safeParse(word);
  if (read.success && read.data !== undefined) return read.data;
  const why = read.error?.issues.map(({ message }) => message).join('; ');
  throw new IgniteError('daemon/usage', `--id-prefix "${word}" ${why}`);
}

function onlyRoot(words: string): IgniteError {
  return new IgniteError('daemon/usage', `${words} needs a daemon that is root`);
}
