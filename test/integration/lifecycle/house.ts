// A state folder with the daemon of the moment on it, and looks at what is left there.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateVm } from '../../../engine/src/lifecycle/create/create-request.ts';
import { hasErrno } from '../../../engine/src/host/index.ts';
import type { Call, StartCall } from '../../../engine/src/lifecycle/index.ts';
import { eventually, killNow, soon } from '../supervisor/world.ts';
import { easyOutside, type OpenedVms, openFolder, type Outside } from './world.ts';

export const CALL: Call = { report: () => {}, signal: new AbortController().signal };
export const START: StartCall = { ...CALL, attach: false, wait: 'agent', timeoutSeconds: 120 };
/** The steps of a stand-in that is up until it is told to end. */
export const SERVES = 'ready=app serve';

/** A folder, and the daemon of the moment on it; at the end no process and no file of it is left. */
export class House implements AsyncDisposable {
  readonly root: string;
  readonly outside: Outside = easyOutside();
  private now: OpenedVms | undefined;

  constructor(root: string) {
    this.root = root;
  }

  get engine(): OpenedVms {
    assert.ok(this.now);
    return this.now;
  }

  get vms() {
    return this.engine.vms;
  }

  /** As a daemon that starts; one that runs ends first, its VMs run on. */
  async open(bootId?: string): Promise<void> {
    await this.now?.[Symbol.asyncDispose]();
    this.now = undefined;
    this.now = await openFolder(this.root, this.outside, bootId);
  }

  /** What a host does that goes down at once and comes up again: only what is on disk stays. */
  async reboot(bootId: string): Promise<void> {
    await this.now?.[Symbol.asyncDispose]();
    for (const pid of await this.processes()) end(pid);
    await eventually(
      () => this.processes(),
      (pids) => pids.length === 0,
    );
    await rm(join(this.root, 'run'), { recursive: true });
    this.outside.taps.clear();
    await this.open(bootId);
  }

  async create(name: string, steps: string, spec: Partial<CreateVm['spec']> = {}): Promise<void> {
    const body = { image: { oci: 'registry.test/image:1' }, kernel: { cmdLine: steps }, ...spec };
    await this.vms.create({ metadata: { name }, spec: body }, CALL);
  }

  state(name: string) {
    const { status } = this.vms.inspect(name);
    return status.detail === undefined ? status.state : `${status.state} (${status.detail})`;
  }

  async becomes(name: string, state: string): Promise<void> {
    await eventually(
      () => this.state(name),
      (now) => now === state,
    );
  }

  /** Waits until it is written down that a guest has what its first start brings. */
  async untilSeeded(name: string, where: string): Promise<void> {
    const seeded = () => this.vms.look().find(({ vm }) => vm.metadata.name === name)?.record.history.seeded;
    await eventually(seeded, (is) => is === true).catch((cause: unknown) => {
      throw new Error(`${name} would be seeded again after ${where}`, { cause });
    });
  }

  /** Says a line by which the guest ends, and waits until it has. */
  async tell(name: string, line: string): Promise<void> {
    const handle = await this.say(name, line);
    await eventually(
      async () => (await this.processes()).length,
      (count) => count === 0,
    );
    handle?.close();
  }

  /** Sends a line to the stand-in's console, as if somebody in the guest did something. */
  async say(name: string, line: string) {
    const { bound } = this.vms.inspect(name);
    const handle = await this.engine.rooms.supervisor.adopt(this.run(bound?.slot ?? 0), soon());
    const console = await handle?.open('console', soon());
    console?.write(`${line}\n`);
    return handle;
  }

  run(slot: number): string {
    return join(this.root, 'run', String(slot));
  }

  /** Host pids of supervisors and VMMs. */
  async processes(): Promise<readonly number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const found = await Promise.all(
      pids.map(async (pid) => {
        const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
        return (await read('cmdline')).includes(this.root) || (await read('environ')).includes(this.root);
      }),
    );
    return pids.filter((pid, index) => found[index] === true && pid !== process.pid);
  }

  async supervisorPid(name: string): Promise<number> {
    const { bound } = this.vms.inspect(name);
    const text = await readFile(join(this.run(bound?.slot ?? 0), 'spawn.json'), 'utf8');
    return Number(JSON.parse(text).pid);
  }

  /** Nothing of a run: no process, no tap, no file but the journals. */
  async assertClean(): Promise<void> {
    const files = async () => (await readdir(join(this.root, 'run'), { recursive: true })).filter(isOfARun);
    await eventually(files, (left) => left.length === 0);
    await eventually(
      () => this.processes(),
      (pids) => pids.length === 0,
    );
    assert.deepEqual([...this.outside.taps], []);
    assert.deepEqual(await readdir(join(this.root, 'state/trash')).catch(() => []), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { metadata } of this.now?.vms.list() ?? [])
      await this.vms.remove(metadata.name, true, CALL).catch(() => {});
    await this.now?.[Symbol.asyncDispose]();
    for (const pid of await this.processes()) killNow(pid);
    await rm(this.root, { recursive: true, force: true });
  }
}

/** A VMM that went with its supervisor meanwhile is gone, too. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
}

/** Everything below `run` but the folders of slots and their journals. */
function isOfARun(file: string): boolean {
  return !/^\d+(\/claims)?$/.test(file);
}

/** A house whose daemon has ended while two VMs run; with the folder, the supervisor and the UID of the first, `x`. */
export async function closedHouse() {
  const house = await openHouse();
  for (const name of ['x', 'y']) {
    await house.create(name, SERVES);
    await house.vms.start(name, START);
  }
  const { uid } = house.vms.inspect('x').metadata;
  const pid = await house.supervisorPid('x');
  await house.engine[Symbol.asyncDispose]();
  return { house, folder: join(house.root, 'state/vms', uid), pid, uid };
}

/** An empty house with a daemon. */
export async function openHouse(): Promise<House> {
  const house = new House(await mkdtemp(join(tmpdir(), 'ignite-life-')));
  await house.open();
  return house;
}
