// The rules of a VM that types alone cannot say: API-R01 to API-R06 and the ranges that the original left open.
// Rules that need the host (a volume's device exists, API-R04) belong to the engine.
import type { Metadata, MetadataInput } from '../kinds/fields.ts';
import type { VmSpec, VmSpecInput } from '../kinds/vm-spec.ts';
import { labelComplaints } from '../labels.ts';
import { LIMITS } from '../limits.ts';
import { isLegacyUid, isVmName } from '../names/names.ts';
import { displaySize } from '../sizes.ts';
import { validateProcess } from './process.ts';
import { validateNetwork } from './network.ts';
import { validateCaps, validateStorage } from './storage.ts';
import { type Violation, violationsError } from './violation.ts';

/** What is wrong with a VM's metadata and spec; empty: nothing. */
export function validateVm(vm: {
  readonly metadata?: Metadata | MetadataInput;
  readonly spec?: VmSpec | VmSpecInput;
}): readonly Violation[] {
  const spec = vm.spec ?? {};
  return [
    ...validateMetadata(vm.metadata ?? {}),
    ...(spec.image === undefined ? [{ path: 'spec.image.oci', message: 'must name an image' }] : []),
    ...validateResources(spec),
    ...validateProcess(spec),
    ...validateStorage(spec),
    ...validateCaps(spec),
    ...validateNetwork(spec),
  ];
}

/** @throws IgniteError `api/invalid-object` with all violations */
export function checkVm(vm: Parameters<typeof validateVm>[0]): void {
  const violations = validateVm(vm);
  const what = vm.metadata?.name === undefined ? 'The VM' : `The VM ${vm.metadata.name}`;
  if (violations.length > 0) throw violationsError('api/invalid-object', what, violations);
}

function validateMetadata(metadata: MetadataInput): Violation[] {
  const violations: Violation[] = [];
  const { name, uid, labels = {}, annotations = {} } = metadata;
  if (name !== undefined && name !== '' && !isVmName(name)) {
    violations.push({
      path: 'metadata.name',
      message: `"${name.slice(0, 80)}" must be lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit, at most ${LIMITS.nameLength} characters`,
    });
  }
  if (uid !== undefined && uid !== '' && !isLegacyUid(uid)) {
    violations.push({ path: 'metadata.uid', message: 'must be letters, digits, "-", "_" and "."' });
  }
  for (const { key, message } of labelComplaints(labels)) {
    violations.push({
      path: key === '' ? 'metadata.labels' : `metadata.labels.${key.slice(0, 80)}`,
      message,
    });
  }
  return [...violations, ...validateAnnotations(annotations)];
}

function validateAnnotations(annotations: Readonly<Record<string, string>>): Violation[] {
  const entries = Object.entries(annotations);
  const tooMany = entries.length > LIMITS.annotations;
  const tooLong = entries.filter(
    ([key, value]) => key.length > LIMITS.annotationKeyBytes || value.length > LIMITS.annotationValueBytes,
  );
  return [
    ...(tooMany ? [{ path: 'metadata.annotations', message: `are more than ${LIMITS.annotations}` }] : []),
    ...tooLong.map(([key]) => ({ path: `metadata.annotations.${key.slice(0, 80)}`, message: 'is too long' })),
  ];
}

function validateResources(spec: VmSpecInput): Violation[] {
  return [
    ...range('spec.cpus', spec.cpus, 1, LIMITS.cpus, String),
    ...range('spec.memory', spec.memory, LIMITS.memoryMinBytes, LIMITS.memoryMaxBytes, displaySize),
    ...range('spec.diskSize', spec.diskSize, LIMITS.diskMinBytes, LIMITS.diskMaxBytes, displaySize),
  ];
}

/** Zero and absent pass: defaults stand in for both (API-V05 to API-V07). */
function range(
  path: string,
  value: number | undefined,
  least: number,
  most: number,
  show: (value: number) => string,
): Violation[] {
  if (!value || (value >= least && value <= most)) return [];
  return [{ path, message: `must be from ${show(least)} to ${show(most)}, not ${show(value)}` }];
}
