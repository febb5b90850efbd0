// When a change of each field of a VM's spec reaches the VM. A field without a row does not compile.
import type { VmSpec } from '@ignite/api';

/**
 * `live`: it holds at once. `start`: from the next start on; a VM that runs must be started again for it. `recreate`:
 * only a new VM has it, and the disk is lost.
 */
export type FieldEffect = 'live' | 'start' | 'recreate';

/** Where the effect depends on the values: from, to. */
export type EffectOf = (from: unknown, to: unknown) => FieldEffect;

/** A field that has parts is reported part by part; a part that is not listed has the effect of `rest`. */
interface FieldParts {
  readonly rest: FieldEffect;
  readonly parts?: Readonly<Record<string, FieldEffect | EffectOf>>;
}

export type FieldRule = FieldEffect | EffectOf | FieldParts;

/** Every field of spec. */
export const SPEC_FIELDS = {
  image: { rest: 'recreate' },
  kernel: { rest: 'start' },
  sandbox: 'start',
  runtime: 'start',
  cpus: 'start',
  memory: 'start',
  diskSize: (from, to) => (Number(to) >= Number(from) ? 'start' : 'recreate'), // a disk never shrinks
  running: 'live',
  restartPolicy: 'live',
  autoRemove: 'live',
  stopTimeout: 'live',
  stopSignal: 'start',
  healthCheck: 'start',
  tty: 'start',
  stdin: 'start',
  boot: 'recreate',
  network: { rest: 'start' },
  storage: { rest: 'start' },
  tmpfs: 'start',
  resources: { rest: 'start' },
  copyFiles: 'recreate', // files are given before the first start
  ssh: 'start',
  command: 'start',
  entrypoint: 'start',
  env: 'start',
  workdir: 'start',
  user: 'start',
  hostname: 'start',
  vmm: 'recreate', // the disk's format is the driver's
  accel: 'start',
} as const satisfies Readonly<Record<keyof VmSpec, FieldRule>>;
