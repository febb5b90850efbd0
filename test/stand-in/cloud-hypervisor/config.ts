// The VM configuration of Cloud Hypervisor as its published API description has it: what our driver uses of it, with
// fields, bounds and the rules between fields that its own validation has. Facts only.
import {
  type Fields,
  fieldFaults,
  flag,
  isRecord,
  listOf,
  matches,
  object,
  oneOf,
  text,
  whole,
} from '../rules.ts';

const MOST = Number.MAX_SAFE_INTEGER;
const U16 = 65_535;
const U32 = 0xffff_ffff;
/** VIRTIO_BLK_ID_BYTES. */
const SERIAL_BYTES = 20;
const MODES = ['Off', 'Pty', 'Tty', 'File', 'Socket', 'Null'] as const;

const bucket: Fields = {
  size: { rule: whole(0, MOST), required: true },
  refill_time: { rule: whole(0, MOST), required: true },
  one_time_burst: { rule: whole(0, MOST) },
};

const console: Fields = { mode: { rule: oneOf(...MODES), required: true }, file: { rule: text } };

function limiter(version: number): Fields {
  return { bandwidth: { rule: object(bucket, version) }, ops: { rule: object(bucket, version) } };
}

const disk: Fields = {
  path: { rule: text },
  readonly: { rule: flag },
  direct: { rule: flag },
  num_queues: { rule: whole(1, U16) },
  queue_size: { rule: whole(3, U16) },
  id: { rule: text },
  serial: { rule: matches(new RegExp(`^.{1,${SERIAL_BYTES}}$`)) },
  rate_limit_group: { rule: text },
  image_type: { rule: oneOf('FixedVhd', 'Qcow2', 'Raw', 'Vhdx', 'Unknown'), since: 51 },
};

const net: Fields = {
  tap: { rule: matches(/^[^/]{1,15}$/) },
  mac: { rule: matches(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i) },
  mtu: { rule: whole(1280, U16) },
  num_queues: { rule: whole(2, U16) },
  id: { rule: text },
  /** Not of the description: by the command line alone. 0 to 2 are reserved. */
  fds: { rule: listOf(whole(3, U32)) },
};

function config(version: number): Fields {
  const group: Fields = {
    id: { rule: text, required: true },
    rate_limiter_config: { rule: object(limiter(version), version), required: true },
  };
  const inner = (fields: Fields) => object(fields, version);
  return {
    cpus: {
      rule: inner({
        boot_vcpus: { rule: whole(1, 254), required: true },
        max_vcpus: { rule: whole(1, 254), required: true },
      }),
    },
    memory: { rule: inner({ size: { rule: whole(1, MOST), required: true } }) },
    payload: {
      rule: inner({ kernel: { rule: text }, initramfs: { rule: text }, cmdline: { rule: text } }),
      required: true,
    },
    rate_limit_groups: { rule: listOf(inner(group)) },
    disks: { rule: listOf(inner(disk)) },
    net: { rule: listOf(inner(net)) },
    rng: { rule: inner({ src: { rule: text, required: true } }) },
    balloon: {
      rule: inner({
        size: { rule: whole(0, MOST), required: true },
        deflate_on_oom: { rule: flag },
        free_page_reporting: { rule: flag },
      }),
    },
    serial: { rule: inner(console) },
    console: { rule: inner(console) },
    vsock: {
      rule: inner({ cid: { rule: whole(3, U32), required: true }, socket: { rule: text, required: true } }),
    },
    platform: { rule: inner({ uuid: { rule: uuid }, system_uuid: { rule: uuid, since: 53 } }) },
    landlock_enable: { rule: flag },
    landlock_rules: {
      rule: listOf(
        inner({
          path: { rule: text, required: true },
          access: { rule: matches(/^[rw]{1,2}$/), required: true },
        }),
      ),
    },
  };
}

function uuid(value: unknown): string | undefined {
  return matches(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)(value);
}

/** What is wrong with a configuration; empty where that version would create its VM. */
export function configFaults(value: unknown, version: number): readonly string[] {
  const faults = fieldFaults(value, config(version), version);
  return faults.length > 0 || !isRecord(value) ? faults : between(value);
}

/** Rules between fields. */
function between(value: Readonly<Record<string, unknown>>): readonly string[] {
  const [disks, nets] = [rows(value['disks']), rows(value['net'])];
  const groups = rows(value['rate_limit_groups']).map((group) => group['id']);
  const ids = [...disks, ...nets].map((one) => one['id']).filter((id) => id !== undefined);
  const cpus = isRecord(value['cpus']) ? value['cpus'] : {};
  return [
    ...(new Set(ids).size < ids.length ? ['Identifier is not unique'] : []),
    ...disks.flatMap(({ rate_limit_group: group }) =>
      group === undefined || groups.includes(group) ? [] : [`Invalid rate-limit group: ${String(group)}`],
    ),
    ...nets.flatMap(({ fds, num_queues: queues = 2 }) =>
      Array.isArray(fds) && fds.length * 2 !== queues ? ['Number of queues does not match the FDs'] : [],
    ),
    ...(Number(cpus['boot_vcpus']) > Number(cpus['max_vcpus']) ? ['Max CPUs lower than boot CPUs'] : []),
  ];
}

function rows(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
