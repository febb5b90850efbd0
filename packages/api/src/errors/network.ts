import type { ErrorTable } from './entry.ts';

/** Errors of the room `network`. */
export const networkErrors = {
  'network/port-taken': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Publish another host port (`-p HOST:VM`), or stop the holder named above.',
  },
  'network/address-not-local': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Publish on an IPv4 address that this host has (`ip -4 addr` lists them), or leave the address out.',
  },
  'network/no-subnet': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Every private range is covered by a route of the host; name a free subnet in the configuration.',
  },
  'network/subnet-full': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Remove VMs that are no longer needed; each one keeps its address until `ignite rm`.',
  },
  'network/name-taken': {
    status: 409,
    exit: 1,
    blame: 'host',
    hint: 'A network interface with our name belongs to somebody else; rename or remove it.',
  },
  'network/not-made': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The cause says which host program refused; `ignite doctor` checks iproute2, nftables and the kernel.',
  },
  'network/left-over': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Run the same command again; it removes what is still there.',
  },
  'network/needs-root': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Use `--network user`, which needs no root, or have the host’s daemon make the VM (`sudo ignite …`).',
  },
  'network/no-user-network': {
    status: 400,
    exit: 1,
    blame: 'host',
    hint: 'Install it (`sudo apt-get install passt`), use `--network none`, or allow the guest the host’s services: `--network user,host-loopback=allow`.',
  },
  'network/port-privileged': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Publish a higher port (`-p 8080:80`), or have the host’s daemon make the VM with the network bridge.',
  },
  'network/cni-no-configuration': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: '`ls /etc/cni/net.d` shows the configurations of CNI; name one by `--network cni:NAME`, or leave the name out for the first.',
  },
  'network/cni-bad-configuration': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Mend the file named above, or name another configuration by `--network cni:NAME`.',
  },
  'network/cni-no-plugin': {
    status: 400,
    exit: 1,
    blame: 'host',
    hint: 'Install it (`sudo apt-get install containernetworking-plugins`, or the network’s own package), or leave `--network cni` out for the network of ignite.',
  },
  'network/cni-failed': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The plugin’s own words are above; what the start had made is removed. Mend its configuration and start again.',
  },
  'network/cni-late': {
    status: 504,
    exit: 1,
    blame: 'host',
    hint: 'The plugin was ended and what it had made is removed; look after what it waits for (a DHCP server, a lock) and start again.',
  },
  'network/cni-no-ports': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Add a plugin with `"capabilities": {"portMappings": true}` (portmap) to the configuration, or leave `-p` out.',
  },
  'network/nothing-given': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Look at the configuration of the network: its first interface must get an IPv4 address for the guest.',
  },
  'network/record-damaged': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Restore the record of the network from a backup, or remove all VMs and the network with it.',
  },
} as const satisfies ErrorTable;
