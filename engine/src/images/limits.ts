// What one import may cost at most. Images are hostile until converted: every size that comes from one meets a
// limit from here.

/** Limits of one import; all sizes in bytes. */
export interface ImportLimits {
  /** A manifest or index document (distribution-spec: registries should take 4 MiB). */
  readonly maxManifestBytes: number;
  /** An image configuration. */
  readonly maxConfigBytes: number;
  readonly maxLayers: number;
  /** Entries of all layers together. */
  readonly maxEntries: number;
  /** Unpacked bytes of all layers together. */
  readonly maxUnpackedBytes: number;
  /** Unpacked bytes per compressed byte of one layer, looked at once a layer is beyond `ratioFreeBytes`. */
  readonly maxRatio: number;
  readonly ratioFreeBytes: number;
  /** `refuse`: only the usual ones (null, zero, random, tty, console …) may be in an image. */
  readonly devices: 'allow' | 'refuse';
  /** Private memory of the worker process beyond the program itself; enforced by the kernel. */
  readonly maxMemoryBytes: number;
}

export const defaultLimits: ImportLimits = {
  maxManifestBytes: 4 << 20,
  maxConfigBytes: 8 << 20,
  maxLayers: 500,
  maxEntries: 4_000_000,
  maxUnpackedBytes: 256 * 2 ** 30,
  maxRatio: 200,
  ratioFreeBytes: 1 << 30,
  devices: 'allow',
  maxMemoryBytes: 3 * 2 ** 30,
};
