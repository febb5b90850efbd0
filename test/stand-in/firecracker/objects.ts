// The objects of Firecracker's API as its published description has them (swagger of 1.15 and 1.16): bodies of calls and
// sections of the configuration file are the same.
import { type Fields, flag, matches, oneOf, type Rule, text, whole } from '../rules.ts';
import { nested, texts } from './rules.ts';

const MAX_COMMAND_LINE = 2048;
/** What a 64-bit number may be and a JSON number holds exactly. */
const MOST = Number.MAX_SAFE_INTEGER;

const id = matches(/^[A-Za-z0-9_]{1,64}$/);
const mac = matches(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i);
const commandLine: Rule = (value) =>
  typeof value === 'string' && value.length < MAX_COMMAND_LINE ? undefined : 'is longer than 2047 bytes';

const bucket = nested({
  size: { rule: whole(0, MOST), required: true },
  refill_time: { rule: whole(0, MOST), required: true },
  one_time_burst: { rule: whole(0, MOST) },
});
const limiter = nested({ bandwidth: { rule: bucket }, ops: { rule: bucket } });

export const drive: Fields = {
  drive_id: { rule: id, required: true },
  is_root_device: { rule: flag, required: true },
  partuuid: { rule: text },
  path_on_host: { rule: text },
  is_read_only: { rule: flag },
  cache_type: { rule: oneOf('Unsafe', 'Writeback') },
  io_engine: { rule: oneOf('Sync', 'Async') },
  rate_limiter: { rule: limiter },
};

export const driveUpdate: Fields = {
  drive_id: { rule: id, required: true },
  path_on_host: { rule: text },
  rate_limiter: { rule: limiter },
};

export const networkInterface: Fields = {
  iface_id: { rule: id, required: true },
  host_dev_name: { rule: matches(/^[^/]{1,15}$/), required: true },
  guest_mac: { rule: mac },
  mtu: { rule: whole(68, 65_535), since: 16 },
  rx_rate_limiter: { rule: limiter },
  tx_rate_limiter: { rule: limiter },
};

export const networkUpdate: Fields = {
  iface_id: { rule: id, required: true },
  rx_rate_limiter: { rule: limiter },
  tx_rate_limiter: { rule: limiter },
};

export const actions: Fields = {
  action_type: { rule: oneOf('InstanceStart', 'FlushMetrics', 'SendCtrlAltDel'), required: true },
};
export const state: Fields = { state: { rule: oneOf('Paused', 'Resumed'), required: true } };
export const balloonUpdate: Fields = { amount_mib: { rule: whole(0, 1 << 24), required: true } };

/** Sections of the configuration file that are one object; each is the body of the call `PUT /<name>`, too. */
export const sections: Readonly<Record<string, Fields>> = {
  'boot-source': {
    kernel_image_path: { rule: text, required: true },
    initrd_path: { rule: text },
    boot_args: { rule: commandLine },
  },
  'machine-config': {
    vcpu_count: { rule: whole(1, 32), required: true },
    mem_size_mib: { rule: whole(1, 1 << 24), required: true },
    smt: { rule: flag },
    track_dirty_pages: { rule: flag },
    huge_pages: { rule: oneOf('None', '2M') },
  },
  vsock: {
    guest_cid: { rule: whole(3, 0xffffffff), required: true },
    uds_path: { rule: text, required: true },
  },
  entropy: { rate_limiter: { rule: limiter } },
  balloon: {
    amount_mib: { rule: whole(0, 1 << 24), required: true },
    deflate_on_oom: { rule: flag, required: true },
    stats_polling_interval_s: { rule: whole(0, 65_535) },
  },
  metrics: { metrics_path: { rule: text, required: true } },
  logger: {
    log_path: { rule: text },
    level: { rule: oneOf('Error', 'Warning', 'Info', 'Debug', 'Trace', 'Off') },
    show_level: { rule: flag },
    show_log_origin: { rule: flag },
    module: { rule: text },
  },
  'mmds-config': {
    version: { rule: oneOf('V1', 'V2') },
    network_interfaces: { rule: texts, required: true },
    ipv4_address: { rule: matches(/^169\.254\.\d+\.\d+$/) },
    imds_compat: { rule: flag },
  },
};
