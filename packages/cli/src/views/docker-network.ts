// Networks in lists, and under the names of Docker's `network ls --format`.
import type { NetworkDocument } from '@ignite/client';
import type { GoValue } from '../template/index.ts';
import { createdAgo } from './vm-facts.ts';

/** Columns of `network ls`. */
export const NETWORK_COLUMNS = ['NAME', 'SUBNET', 'GATEWAY', 'MTU', 'INTERFACE', 'CREATED', 'VMS'] as const;

/** One row of `network ls`. */
export function networkRow({ metadata, spec, status }: NetworkDocument, now: Date): readonly string[] {
  return [
    metadata.name,
    spec.subnet,
    status.gateway,
    String(spec.mtu),
    status.interface,
    metadata.created === undefined ? '' : createdAgo(metadata.created, now),
    String(new Set(status.usedBy.map(({ uid }) => uid)).size),
  ];
}

/** Fields of a network. */
export function dockerNetwork({
  metadata,
  spec,
  status,
}: NetworkDocument): Readonly<Record<string, GoValue>> {
  return {
    ID: metadata.uid ?? metadata.name,
    Name: metadata.name,
    Driver: 'bridge',
    Scope: 'local',
    Subnet: spec.subnet,
    Gateway: status.gateway,
    CreatedAt: metadata.created ?? '',
    IPv4: 'true',
    IPv6: 'false',
    Internal: 'false',
  };
}
