// What is remembered of an ADD until its DEL: the plugins get the same words again, whatever has become of the
// configuration file meanwhile. Written before the first plugin runs, and again after each.
import type { PortMapping } from '../port.ts';
import { bindAddressOf } from '../ports.ts';
import { isObject, type NetworkConfiguration } from './configuration.ts';
import type { Attachment, CniResult } from './plugin.ts';

export interface CniRecord {
  readonly format: 1;
  readonly configuration: NetworkConfiguration;
  readonly attachment: Attachment;
  readonly portMappings: readonly CniPortMapping[];
  /** Of the last plugin that answered. */
  readonly result?: CniResult;
}

/** In the words of the capability `portMappings` (CONVENTIONS.md of CNI). */
interface CniPortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: string;
  readonly hostIP?: string;
}

/** Keeps the record of one VM. */
export interface CniStore {
  load(): Promise<unknown>;
  save(value: unknown): Promise<void>;
  remove(): Promise<void>;
}

/** Published ports as portmap reads them. */
export function portMappingsOf(ports: readonly PortMapping[]): readonly CniPortMapping[] {
  return ports.map((port) => {
    const hostIP = bindAddressOf(port);
    const { hostPort, vmPort: containerPort, protocol } = port;
    return { hostPort, containerPort, protocol, ...(hostIP === undefined ? {} : { hostIP }) };
  });
}

/** A stored record; undefined for what is none of ours. */
export function readRecord(stored: unknown): CniRecord | undefined {
  return isRecord(stored) ? stored : undefined;
}

function isRecord(value: unknown): value is CniRecord {
  if (!isObject(value) || value['format'] !== 1) return false;
  const { configuration, attachment, portMappings } = value;
  return (
    isObject(configuration) &&
    Array.isArray(configuration['plugins']) &&
    isObject(attachment) &&
    typeof attachment['containerId'] === 'string' &&
    typeof attachment['netns'] === 'string' &&
    Array.isArray(portMappings)
  );
}
