// `ps -f`: Docker's `key=value`, and the original's `{{.Field}}=value,…` (PS-06).
import { STATE_WORDS } from '@ignite/api/state-words';
import type { VmDocument } from '@ignite/client';
import { compileTemplate } from '../template/index.ts';
import { usage } from '../usage-error.ts';
import { goVm } from './go-vm.ts';

/** Whether a VM is to be shown. */
export type VmFilter = (vm: VmDocument) => boolean;

const CONDITION = /^\{\{([.\p{L}\p{N}]+)\}\}(==|=~|!=|!~|=)([-\p{L}\p{N}_:/.\s]+)$/u;

/**
 * One filter from all words. Different keys must all hold; of several values of one key, one, but of labels all.
 * @throws IgniteError `cli/usage`
 */
export function readFilters(words: readonly string[]): VmFilter {
  const old = words.filter((word) => word.startsWith('{{')).flatMap(readConditions);
  const byKey = Map.groupBy(words.filter((word) => !word.startsWith('{{')).map(readPair), ({ key }) => key);
  const docker = [...byKey].map(
    ([key, pairs]) =>
      (vm: VmDocument) =>
        key === 'label'
          ? pairs.every(({ value }) => holds(vm, key, value)) // as Docker has it
          : pairs.some(({ value }) => holds(vm, key, value)),
  );
  return (vm) => [...old, ...docker].every((filter) => filter(vm));
}

/** Whether words ask for a state, so that stopped VMs are looked at too. */
export function asksForState(words: readonly string[]): boolean {
  return words.some((word) => /^(status|exited)=/.test(word));
}

/** Comma-separated conditions of the original; values are compared with the field's printed form (PS-07). */
function readConditions(word: string): readonly VmFilter[] {
  return word.split(/,(?=\{\{)/).map((text) => {
    const match = CONDITION.exec(text.trim());
    if (match === null)
      throw usage(`The filter "${text}" is none: write {{.Field}}=value, with =, ==, !=, =~ or !~`);
    const [, field = '', operator = '', value = ''] = match;
    const render = compileTemplate(`{{${field}}}`);
    return (vm) => compare(render(goVm(vm)), operator, value);
  });
}

function compare(shown: string, operator: string, value: string): boolean {
  if (operator === '=~') return shown.includes(value);
  if (operator === '!~') return !shown.includes(value);
  return operator === '!=' ? shown !== value : shown === value;
}

const KEYS = ['name', 'id', 'status', 'label', 'ancestor', 'exited', 'network', 'publish', 'health'];

/** Our words for a state, and Docker's. */
const STATES: readonly string[] = [...STATE_WORDS, 'up', 'exited'];

function readPair(word: string): { key: string; value: string } {
  const at = word.indexOf('=');
  const key = word.slice(0, Math.max(at, 0));
  if (!KEYS.includes(key))
    throw usage(`The filter "${word}" is none: write ${KEYS.join('=…, ')}=…, or {{.Field}}=value`);
  const value = word.slice(at + 1);
  if (key === 'status' && !STATES.includes(value))
    throw usage(`The filter "${word}" is none: status is one of ${STATES.join(', ')}`);
  return { key, value };
}

function holds(vm: VmDocument, key: string, value: string): boolean {
  const { metadata, spec, status } = vm;
  switch (key) {
    case 'name':
      return matches(metadata.name, value);
    case 'id':
      return metadata.uid.startsWith(value);
    case 'status':
      return (
        status.state === value ||
        (value === 'stopped' && status.state === 'created') || // whose STATUS is Stopped
        (value === 'exited' && status.state === 'stopped') ||
        (value === 'up' && status.running)
      );
    case 'label': {
      const [name = '', wanted] = value.split(/=(.*)/s);
      const own = metadata.labels?.[name];
      return own !== undefined && (wanted === undefined || own === wanted);
    }
    case 'health':
      return (status.health ?? 'none') === value;
    case 'ancestor':
      return spec.image.oci === value || spec.image.oci === `${value}:latest`;
    case 'exited':
      return status.state === 'stopped' && String(status.exitCode) === value;
    case 'network':
      return networksOf(vm).includes(value);
    default:
      return spec.network.ports.some((port) => String(port.hostPort) === value.replace(/\/.*$/, ''));
  }
}

/** The mode, and the names of networks. */
function networksOf({ spec: { network } }: VmDocument): readonly (string | undefined)[] {
  return [network.mode, network.name, ...(network.interfaces ?? []).map(({ name }) => name ?? 'bridge')];
}

/** Docker takes a name filter as a regular expression found anywhere. */
function matches(name: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(name);
  } catch {
    return name.includes(pattern);
  }
}
