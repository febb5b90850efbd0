// Progress of long work, as typed events. Rooms report, the terminal, NDJSON or a test decides how it looks.

/** One thing said while long work goes on. */
export type Progress =
  /** A sentence for people, said once: "Downloading linux-image-6.1.0-56-cloud-amd64 with apt". */
  | { readonly kind: 'note'; readonly text: string }
  /** A named stage begins: `pull`, `convert`, `disk`, `network`, `boot`, … */
  | { readonly kind: 'stage'; readonly name: string }
  /** Bytes of one part (a layer's digest, a file). `total` is absent where nobody knows it. */
  | {
      readonly kind: 'bytes';
      readonly id: string;
      readonly label: string;
      readonly done: number;
      readonly total?: number;
    };

/** Where progress goes. Must not throw and must return at once. */
export type Report = (progress: Progress) => void;
