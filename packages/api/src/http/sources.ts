// Bodies of the operations on sources: folders and Git repositories that declare VMs (DESIGN D11).
import { z } from 'zod';
import { newVmDefaults } from '../kinds/configuration.ts';
import { applyItem } from './declare.ts';
import { errorBody } from './parts.ts';

const WRITE_BACK_MODES = ['branch', 'main', 'ignite'] as const;

const gitSource = z.strictObject({
  url: z.string().meta({ description: 'ssh://, user@host:path, https:// or file://' }),
  branch: z
    .string()
    .exactOptional()
    .meta({ description: 'Absent: the branch that HEAD of the repository names' }),
  path: z.string().exactOptional().meta({ description: 'Only this folder of the repository' }),
  interval: z.number().positive().exactOptional().meta({ description: 'Seconds between looks; default 30' }),
  timeout: z
    .number()
    .positive()
    .exactOptional()
    .meta({ description: 'Seconds for one Git operation; default 60' }),
  identityFile: z.string().exactOptional().meta({ description: 'Private key for ssh; absent: the agent’s' }),
  hostsFile: z.string().exactOptional().meta({ description: 'Known hosts for ssh' }),
  agentSocket: z.string().exactOptional(),
  username: z.string().exactOptional(),
  token: z.string().exactOptional().meta({ description: 'Password or token for https; never stored' }),
  credentialHelper: z.string().exactOptional().meta({ description: 'A git-credential helper by its name' }),
  caFile: z.string().exactOptional(),
  writeBack: z.enum(WRITE_BACK_MODES).exactOptional().meta({
    description:
      'Where spec that was changed by hand is written as a commit: `branch`, one of its own; `main`, the followed one; `ignite`, as the original: on the followed one, and its manifests whole with status. Absent: nowhere',
  }),
  writeBranch: z
    .string()
    .exactOptional()
    .meta({ description: 'Name of the own branch; default ignite/HOSTNAME' }),
});

const selection = {
  selector: z
    .string()
    .exactOptional()
    .meta({ description: 'Only objects with such labels: one repository, many hosts' }),
  defaults: newVmDefaults
    .exactOptional()
    .meta({ description: 'For VMs that are made for this source, before those of the Configuration' }),
} as const;

export const attachSourceBody = z
  .union([
    z.strictObject({ folder: z.strictObject({ path: z.string() }), ...selection }),
    z.strictObject({ git: gitSource, ...selection }),
  ])
  .meta({ id: 'AttachSource' });

const sourceProblem = z.strictObject({
  file: z.string(),
  line: z.int().exactOptional(),
  column: z.int().exactOptional(),
  message: z.string(),
});

export const sourceStatus = z
  .strictObject({
    name: z.string().meta({ description: 'The manager of its VMs: folder:PATH or git:URL' }),
    kind: z.enum(['folder', 'git']),
    state: z.enum(['starting', 'good', 'failing', 'waiting', 'unreachable']),
    revision: z.string().exactOptional().meta({ description: 'What was read last' }),
    applied: z
      .string()
      .exactOptional()
      .meta({ description: 'What was applied last, but for those of the items that have an error' }),
    branch: z.string().exactOptional(),
    lookedAt: z.string().exactOptional(),
    appliedAt: z.string().exactOptional(),
    notes: z.array(z.string()).meta({ description: 'A rewritten history, an empty repository' }),
    error: errorBody.exactOptional().meta({ description: 'Why it could not be read; the last tree holds' }),
    problems: z.array(sourceProblem).meta({ description: 'Files that are wrong, with places' }),
    looks: z
      .strictObject({
        count: z.int().meta({ description: 'Since it was attached' }),
        failed: z.int().meta({ description: 'It could not be read, or a VM is not as declared' }),
        seconds: z.number().meta({ description: 'How long the last one took, until all was applied' }),
      })
      .meta({ description: 'How often it was looked at' }),
    writeBack: z
      .strictObject({
        mode: z.enum(WRITE_BACK_MODES),
        branch: z.string().exactOptional(),
        revision: z.string().exactOptional().meta({ description: 'The last commit of ours' }),
        at: z.string().exactOptional(),
        error: errorBody.exactOptional().meta({ description: 'Why it could not be written; tried again' }),
      })
      .exactOptional()
      .meta({ description: 'Where changes by hand are written' }),
    waiting: z
      .string()
      .exactOptional()
      .meta({ description: 'What waits for approval: a removal, VMs that are to be made anew' }),
    declared: z.int(),
    managed: z.int(),
    items: z.array(applyItem).meta({ description: 'VMs that failed, drifted or were changed last' }),
  })
  .meta({ id: 'Source' });

export const sourceList = z.strictObject({ items: z.array(sourceStatus) }).meta({ id: 'SourceList' });
export const sourceEmpty = z.strictObject({});
export const withdrawn = z.strictObject({ withdrawn: z.literal(true) }).meta({ id: 'Withdrawn' });

export type AttachSource = z.output<typeof attachSourceBody>;
export type GitSource = z.output<typeof gitSource>;
export type WriteBackMode = (typeof WRITE_BACK_MODES)[number];
export type SourceStatus = z.output<typeof sourceStatus>;
export type SourceProblem = z.output<typeof sourceProblem>;
