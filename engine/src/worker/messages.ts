// What the daemon and the import worker say to each other. Each side checks what it hears: the worker reads hostile files
// and may by then be theirs.
import { type ErrorCode, isErrorCode } from '@ignite/api';
import { z } from 'zod';

const layerSchema = z.object({
  /** Names the layer in errors. */
  digest: z.string(),
  compression: z.enum(['none', 'gzip', 'zstd']),
  /** Compressed bytes. */
  size: z.int().nonnegative(),
  /** Digest of the uncompressed layer. */
  diffId: z.string(),
});

const limitsSchema = z.object({
  maxEntries: z.int().positive(),
  maxUnpackedBytes: z.int().positive(),
  maxRatio: z.number().positive(),
  ratioFreeBytes: z.int().nonnegative(),
  devices: z.enum(['allow', 'refuse']),
});

/** The identity the worker takes before it reads anything. */
const userSchema = z.object({ uid: z.int().positive(), gid: z.int().positive() });

/** Jobs whose input is stdin. */
const onStdin = { user: userSchema.optional(), limits: limitsSchema, folder: z.string() };

const jobSchema = z.discriminatedUnion('kind', [
  z.object({
    /** Layers (descriptors 5…) become an ext4 image (descriptor 4). */
    kind: z.literal('convert'),
    user: userSchema.optional(),
    layers: z.array(layerSchema),
    limits: limitsSchema,
    /** 32 hex digits each. */
    uuid: z.string(),
    hashSeed: z.string(),
    label: z.string(),
  }),
  z.object({
    /** Files of the merged layers (descriptors 5…; 4 is scratch) are written below a folder. */
    kind: z.literal('export'),
    user: userSchema.optional(),
    layers: z.array(layerSchema),
    limits: limitsSchema,
    prefixes: z.array(z.string()),
    folder: z.string(),
  }),
  z.object({
    /** The files of a tar archive on stdin are written to `folder` under numbers. */
    kind: z.literal('unpack'),
    ...onStdin,
  }),
  z.object({
    /** The archive on stdin, without its compression, becomes the one file of `folder`. */
    kind: z.literal('plain'),
    ...onStdin,
  }),
  z.object({
    /**
     * A kernel becomes an uncompressed vmlinux (descriptor 4), the archive of the modules that a boot needs (5) and the
     * drive of all its modules (6). It comes as files (7…), each a package, a tar, or a kernel, or lies in `root` below
     * the folder; the rest of the folder is scratch.
     */
    kind: z.literal('kernel'),
    user: userSchema.optional(),
    folder: z.string(),
    /** Names the kernel in errors. */
    name: z.string(),
    architecture: z.string(),
    files: z.int().nonnegative(),
    /** The kernel below `root`, where it is known: `boot/vmlinuz-6.1.0`. */
    kernelFile: z.string().exactOptional(),
  }),
]);

const boundsSchema = z.object({
  memoryBytes: z.int().positive(),
  fileBytes: z.int().positive(),
  files: z.int().positive(),
});

const toWorkerSchema = z.discriminatedUnion('type', [
  /** The first; what the worker takes upon itself before it reads anything else. */
  z.object({ type: z.literal('job'), job: jobSchema, bounds: boundsSchema }),
  z.object({ type: z.literal('grown'), layer: z.int().nonnegative(), bytes: z.int().nonnegative() }),
]);

const foundSchema = z.object({
  /** Size of the file system. */
  bytes: z.int().positive(),
  entries: z.int().nonnegative(),
  /** Bytes of the files. */
  size: z.int().nonnegative(),
  init: z.object({ path: z.string().max(4096), kind: z.enum(['systemd', 'openrc', 'sysv']) }).optional(),
  hasSshd: z.boolean(),
});

const unpackedSchema = z.object({
  /** Name in the archive → number of the file in the folder. */
  files: z.array(z.object({ name: z.string(), file: z.int().nonnegative(), size: z.int().nonnegative() })),
});

const kernelSchema = z.object({
  version: z.string().max(64),
  architecture: z.string().max(64),
  features: z.object({
    virtioMmioCmdline: z.boolean().exactOptional(),
    pvh: z.boolean().exactOptional(),
    virtioBuiltIn: z.boolean().exactOptional(),
  }),
  /** Whether something was written to descriptors 5 and 6. */
  modulesCpio: z.boolean(),
  modulesDrive: z.boolean(),
});

const fromWorkerSchema = z.discriminatedUnion('type', [
  /** Said at the start and every few seconds: its loop turns. */
  z.object({ type: z.literal('alive') }),
  /** Compressed bytes of a layer that were worked on. */
  z.object({ type: z.literal('progress'), layer: z.int().nonnegative(), bytes: z.int().nonnegative() }),
  z.object({ type: z.literal('converted'), found: foundSchema }),
  z.object({ type: z.literal('exported') }),
  z.object({ type: z.literal('unpacked'), archive: unpackedSchema }),
  z.object({ type: z.literal('kernel'), kernel: kernelSchema }),
  z.object({
    type: z.literal('failed'),
    code: z.custom<ErrorCode>((value) => typeof value === 'string' && isErrorCode(value)),
    message: z.string().max(4096),
    /** It wanted more than this bound allows. */
    bound: z.enum(['memory', 'file']).exactOptional(),
    /** Texts of the causes, outermost first. */
    causes: z.array(z.string().max(4096)).max(8),
  }),
]);

export type Job = z.infer<typeof jobSchema>;
export type ConvertJob = Extract<Job, { kind: 'convert' }>;
export type ExportJob = Extract<Job, { kind: 'export' }>;
export type KernelJob = Extract<Job, { kind: 'kernel' }>;
export type JobLayer = z.infer<typeof layerSchema>;
export type JobLimits = z.infer<typeof limitsSchema>;
export type WorkerUser = z.infer<typeof userSchema>;
export type ToWorker = z.infer<typeof toWorkerSchema>;
export type FromWorker = z.infer<typeof fromWorkerSchema>;
export type Found = z.infer<typeof foundSchema>;
export type Unpacked = z.infer<typeof unpackedSchema>;
export type ParsedKernel = z.infer<typeof kernelSchema>;

/** A message to the worker; undefined where it is none. */
export function readToWorker(message: unknown): ToWorker | undefined {
  return toWorkerSchema.safeParse(message).data;
}

/** A message from the worker; undefined where it is none. */
export function readFromWorker(message: unknown): FromWorker | undefined {
  return fromWorkerSchema.safeParse(message).data;
}
