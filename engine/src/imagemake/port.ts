// What other rooms see: images made here, from a distribution's packages, as an OCI layout folder that the images
// room loads (`Images.load({ kind: 'layout', path })`).
import type { Report } from '@ignite/api';

export interface MakeMachineRequest {
  readonly distribution: 'debian' | 'ubuntu';
  /** `bookworm`; absent: the host's, or the distribution's usual one. */
  readonly suite?: string;
  /** Absent: the host's, or the distribution's own. */
  readonly mirror?: string;
  /** Packages in addition to the usual ones. */
  readonly packages?: readonly string[];
  /** Absent: `ignite-debian:bookworm`. */
  readonly reference?: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** A made image; disposing removes its folder. */
export interface MadeImage extends AsyncDisposable {
  readonly folder: string;
  readonly reference: string;
  readonly manifestDigest: string;
}

export interface ImageMaker {
  /**
   * Makes a machine image with mmdebstrap: no Docker, nothing installed on the host.
   * @throws IgniteError `imagemake/…`, `host/cancelled`
   */
  machine(request: MakeMachineRequest): Promise<MadeImage>;
}
