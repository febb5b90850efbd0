// Reads a command line as Cloud Hypervisor does (`--help` of 51 to 53): words to the configuration that its API would
// take. Only options are known that the program knows; who sends another one is refused.
import { isRecord } from '../rules.ts';

export interface ReadWords {
  /** The VM's configuration in the form of the API. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly apiSocket?: string;
  readonly seccomp: string;
}

type Pairs = ReadonlyMap<string, string>;
type Reader = (pairs: Pairs) => Readonly<Record<string, unknown>>;

const number = (word: string) => (/^\d+$/.test(word) ? Number(word) : word);
const onOff = (word: string) => (word === 'on' ? true : word === 'off' ? false : word);
const asIs = (word: string) => word;
const IMAGE_TYPES: Readonly<Record<string, string>> = {
  raw: 'Raw',
  qcow2: 'Qcow2',
  vhd: 'FixedVhd',
  vhdx: 'Vhdx',
};

/** Options by name: the field each becomes, and how its word is read. */
type Options = Readonly<Record<string, readonly [field: string, read: (word: string) => unknown]>>;

const VERBATIM = (...names: readonly string[]): Options =>
  Object.fromEntries(names.map((name) => [name, [name, asIs] as const]));

const BUCKETS = {
  bw_size: ['bandwidth', 'size'],
  bw_refill_time: ['bandwidth', 'refill_time'],
  bw_one_time_burst: ['bandwidth', 'one_time_burst'],
  ops_size: ['ops', 'size'],
  ops_refill_time: ['ops', 'refill_time'],
  ops_one_time_burst: ['ops', 'one_time_burst'],
} as const;

const readers: Readonly<Record<string, Reader>> = {
  cpus: (pairs) => {
    const read = plain({ boot: ['boot_vcpus', number], max: ['max_vcpus', number] })(pairs);
    return { max_vcpus: read['boot_vcpus'], ...read };
  },
  memory: plain({ size: ['size', number] }),
  platform: plain(VERBATIM('uuid', 'system_uuid')),
  rng: plain(VERBATIM('src')),
  balloon: plain({
    size: ['size', number],
    deflate_on_oom: ['deflate_on_oom', onOff],
    free_page_reporting: ['free_page_reporting', onOff],
  }),
  vsock: plain({ cid: ['cid', number], socket: ['socket', asIs] }),
  disk: plain({
    ...VERBATIM('path', 'id', 'serial', 'rate_limit_group'),
    readonly: ['readonly', onOff],
    direct: ['direct', onOff],
    image_type: ['image_type', (word) => IMAGE_TYPES[word] ?? word],
  }),
  net: plain({
    ...VERBATIM('tap', 'mac', 'id'),
    mtu: ['mtu', number],
    fd: [
      'fds',
      (word) =>
        word
          .replace(/^\[|\]$/g, '')
          .split(',')
          .map(number),
    ],
  }),
  'rate-limit-group': (pairs) => {
    const limiter: Record<string, Record<string, unknown>> = {};
    for (const [key, [kind, field]] of Object.entries(BUCKETS)) {
      const word = pairs.get(key);
      if (word !== undefined) limiter[kind] = { ...limiter[kind], [field]: number(word) };
    }
    const rest = new Map([...pairs].filter(([key]) => !(key in BUCKETS)));
    return { ...plain(VERBATIM('id'))(rest), rate_limiter_config: limiter };
  },
  'landlock-rules': plain(VERBATIM('path', 'access')),
};

/** Where each word's object goes; a list where it may be given several times. */
const PLACES: Readonly<Record<string, readonly [field: string, many: boolean]>> = {
  disk: ['disks', true],
  net: ['net', true],
  'rate-limit-group': ['rate_limit_groups', true],
  'landlock-rules': ['landlock_rules', true],
};

const PAYLOAD = ['kernel', 'initramfs', 'cmdline'];
const CONSOLES = ['serial', 'console'];
const SECCOMP = ['true', 'false', 'log', 'errno'];

/** @throws Error with a sentence where the program would refuse the words */
export function readWords(argv: readonly string[]): ReadWords {
  const config: Record<string, unknown> = {};
  let apiSocket: string | undefined;
  let seccomp = 'true';
  const words = [...argv];
  for (let flag = words.shift(); flag !== undefined; flag = words.shift()) {
    const name = flag.startsWith('--') ? flag.slice(2) : '';
    if (name === 'landlock') {
      config['landlock_enable'] = true;
      continue;
    }
    const word = words.shift();
    if (word === undefined) throw new Error(`a value is required for '${flag}' but none was supplied`);
    if (name === 'api-socket') apiSocket = split(word).get('path');
    else if (name === 'seccomp') seccomp = word;
    else if (PAYLOAD.includes(name)) config['payload'] = { ...asRecord(config['payload']), [name]: word };
    else if (CONSOLES.includes(name))
      config[name] = { mode: `${word.charAt(0).toUpperCase()}${word.slice(1)}` };
    else place(config, name, word);
  }
  if (!SECCOMP.includes(seccomp)) throw new Error(`invalid value '${seccomp}' for '--seccomp'`);
  return { config, seccomp, ...(apiSocket === undefined ? {} : { apiSocket }) };
}

function place(config: Record<string, unknown>, name: string, word: string): void {
  const reader = readers[name];
  if (reader === undefined) throw new Error(`unexpected argument '--${name}' found`);
  const [field, many] = PLACES[name] ?? [name, false];
  const value = reader(split(word));
  if (!many && field in config) throw new Error(`the argument '--${name}' cannot be used multiple times`);
  const before: unknown = config[field];
  config[field] = many ? [...(Array.isArray(before) ? before : []), value] : value;
}

function plain(options: Options): Reader {
  return (pairs) =>
    Object.fromEntries(
      [...pairs].map(([key, word]) => {
        const option = options[key];
        if (option === undefined) throw new Error(`Unknown option: ${key}`);
        return [option[0], option[1](word)];
      }),
    );
}

/** `key=value,key=[a,b]`: a comma within brackets or quotes separates nothing. */
function split(word: string): Pairs {
  const parts = word.match(/(?:"[^"]*"|\[[^\]]*\]|[^,"[\]])+/g) ?? [];
  if (parts.join(',') !== word) throw new Error(`Invalid syntax: ${word}`);
  return new Map(
    parts.map((part): [string, string] => {
      const equals = part.indexOf('=');
      if (equals < 1) throw new Error(`Invalid syntax: ${part}`);
      return [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
