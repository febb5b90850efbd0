// Bodies and queries of the operations on VMs.
import { z } from 'zod';
import { idPrefix, metadataInput, size } from '../kinds/fields.ts';
import { networkPolicy, RUNTIMES, restartPolicy, vmSpecInput } from '../kinds/vm-spec.ts';
import { CAP_NAMES, resources } from '../kinds/vm-storage.ts';
import { vmSchema } from '../kinds/vm.ts';
import { pullOptions, queryBoolean, queryNumber } from './parts.ts';

const SEED_KINDS = ['folder', 'symlink'] as const;

/** A file, folder or symlink for the guest, read by the CLI with the caller's rights; put there at the first start. */
export const seedFile = z.strictObject({
  path: z.string(),
  mode: z.int().min(0).max(0o7777),
  uid: z.int().nonnegative(),
  gid: z.int().nonnegative(),
  content: z.base64().meta({ description: 'Of a folder: empty; of a symlink: its target' }),
  kind: z.enum(SEED_KINDS).exactOptional().meta({ description: 'Absent: a file' }),
});

/** Files that are too many or too large for `files`, sent before as a tar whose names are paths below the root. */
export const uploadId = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .meta({ description: 'Of `POST /v1/files`: more files for the first start' });

/** The same for the same files, however they are sent: a VM remembers it, and `diff` compares it. */
export const filesDigest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .meta({ description: 'Of what spec.copyFiles names: paths, kinds, modes and contents' });

export const uploadResult = z
  .strictObject({
    upload: uploadId,
    bytes: z.int().nonnegative().meta({ description: 'What it takes until it is in the guest' }),
  })
  .meta({ id: 'Upload' });

/** What `create` and `run` send: metadata and spec as people write them, and what the caller alone can read. */
export const createVmBody = z
  .strictObject({
    metadata: metadataInput.exactOptional(),
    spec: vmSpecInput,
    idPrefix: idPrefix.exactOptional(),
    expectsMachine: z
      .boolean()
      .exactOptional()
      .meta({ description: 'From a manifest of the original: boot an init where there is one' }),
    files: z.array(seedFile).exactOptional(),
    upload: uploadId.exactOptional(),
    filesDigest: filesDigest.exactOptional(),
    hostPaths: z.array(z.string()).max(64).exactOptional().meta({
      description: 'Devices and folders of spec.storage that the caller may open and named himself',
    }),
    authorizedKeys: z.array(z.string()).exactOptional().meta({ description: 'Lines for authorized_keys' }),
    ...pullOptions,
  })
  .meta({ id: 'CreateVm' });

const WAIT_FOR = ['started', 'agent', 'ssh'] as const;

export const startVmBody = z
  .strictObject({
    attach: z.boolean().exactOptional().meta({ description: 'Hold the output until a stream is attached' }),
    wait: z.enum(WAIT_FOR).exactOptional(),
    timeoutSeconds: z.number().positive().exactOptional(),
    removeFailed: z.boolean().exactOptional().meta({
      description: 'Remove the VM if it does not come up, also where whoever asked is gone by then',
    }),
    ignoreHeldPorts: z.boolean().exactOptional().meta({
      description:
        'Publish a port also where a program of the host listens on it. Holds for the restarts that follow; absent: as for the last start',
    }),
  })
  .meta({ id: 'StartVm' });

export const stopVmBody = z
  .strictObject({
    timeoutSeconds: z.number().nonnegative().exactOptional(),
    signal: z
      .string()
      .exactOptional()
      .meta({ description: 'Of app mode: what its command gets instead of its own signal for that' }),
  })
  .meta({ id: 'StopVm' });

export const killVmBody = z.strictObject({ signal: z.string().exactOptional() }).meta({ id: 'KillVm' });

export const renameVmBody = z.strictObject({ name: z.string() }).meta({ id: 'RenameVm' });

/** What is absent stays as it is. */
export const updateVmBody = z
  .strictObject({
    cpus: z.int().positive().exactOptional(),
    memory: size.exactOptional(),
    diskSize: size.exactOptional(),
    restartPolicy: restartPolicy.exactOptional(),
    runtime: z.enum(RUNTIMES).exactOptional(),
    resources: resources.exactOptional().meta({ description: 'By field; those that are absent stay' }),
    clear: z.array(z.enum(CAP_NAMES)).exactOptional().meta({ description: 'Caps to take away' }),
    policy: networkPolicy.exactOptional().meta({
      description: 'What the VM may reach: preset, and all rules of allow; what is absent stays',
    }),
  })
  .meta({ id: 'UpdateVm' });

export const updateResult = z
  .strictObject({
    vm: vmSchema,
    live: z.array(z.string()).meta({ description: 'Fields of spec that took effect at once' }),
    atNextStart: z.array(z.string()).meta({ description: 'Fields of spec that wait for the next start' }),
    writtenTo: z.string().exactOptional().meta({
      description:
        'Branch of its repository that got the change as a commit; where that is not the followed one, nothing holds yet',
    }),
  })
  .meta({ id: 'UpdateResult' });

export const waitVmBody = z
  .strictObject({ condition: z.enum(['stopped', 'removed']).exactOptional() })
  .meta({ id: 'WaitVm' });

export const waitResult = z
  .strictObject({
    exitCode: z.int(),
    exitSignal: z.int().exactOptional(),
    oom: z.boolean().exactOptional(),
    finishedAt: z.string().exactOptional(),
  })
  .meta({ id: 'WaitResult' });

export const sshAccessResult = z
  .strictObject({
    host: z.string().meta({ description: 'Address of the VM' }),
    user: z.string(),
    privateKey: z
      .string()
      .exactOptional()
      .meta({ description: 'OpenSSH private key; absent where the VM was given a public key' }),
    hostKeys: z.array(z.string()).exactOptional().meta({
      description:
        'Public keys of its SSH server (type and base64), pinned when they were first seen; absent: none yet',
    }),
  })
  .meta({ id: 'SshAccess' });

export const vmList = z.strictObject({ items: z.array(vmSchema) }).meta({ id: 'VmList' });

export const listVmsQuery = z.strictObject({ all: queryBoolean.exactOptional() });
export const removeQuery = z.strictObject({ force: queryBoolean.exactOptional() });
export const streamQuery = z.strictObject({ timeoutSeconds: queryNumber.exactOptional() });

const LOG_SOURCES = ['app', 'console', 'vmm'] as const;

export const logsQuery = z.strictObject({
  source: z.enum(LOG_SOURCES).exactOptional().meta({ description: 'Absent: app in app mode, else console' }),
  follow: queryBoolean.exactOptional(),
  tail: queryNumber.exactOptional().meta({ description: 'Lines from the end; absent: all' }),
  since: z.iso.datetime({ offset: true }).exactOptional(),
  until: z.iso.datetime({ offset: true }).exactOptional(),
});
