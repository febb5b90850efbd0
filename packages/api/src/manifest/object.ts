// What a manifest says, whatever version it was written in.
import type { ConfigurationSpec } from '../kinds/configuration.ts';
import type { MetadataInput } from '../kinds/fields.ts';
import type { VmSpecInput } from '../kinds/vm-spec.ts';

/** Where an object was read from. */
export interface Origin {
  readonly file: string;
  /** Line of the object's first field, from 1. */
  readonly line: number;
}

interface Common {
  /** As written: `ignite.weave.works/v1alpha4`. */
  readonly apiVersion: string;
  /** Written in one of the original's versions, which expect a machine (CLI rule 3). */
  readonly legacy: boolean;
  readonly metadata: MetadataInput;
  readonly origin: Origin;
}

/** A VM. `status.running` of any version is intent and stands in `spec.running` (DESIGN D2). */
export interface VmManifest extends Common {
  readonly kind: 'VM';
  readonly spec: VmSpecInput;
  /** `status.idPrefix` */
  readonly idPrefix?: string;
}

export interface ImageManifest extends Common {
  readonly kind: 'Image' | 'Kernel';
  readonly spec: { readonly oci: string };
}

export interface ConfigurationManifest extends Common {
  readonly kind: 'Configuration';
  readonly spec: ConfigurationSpec;
}

export type Manifest = VmManifest | ImageManifest | ConfigurationManifest;
