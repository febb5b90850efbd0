// The units of systemd: written, enabled and removed, on this host or below another root folder (`--root`, for packages
// and images).
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostProgram } from './host-program.ts';

/** Everything of packaging/systemd. */
export const UNITS = [
  'ignited.socket',
  'ignited.service',
  'ignite-vms.service',
  'ignite-halt.service',
] as const;
/** What is enabled; the others are wanted by these. */
const ENABLED = ['ignited.socket', 'ignited.service'] as const;
const FOLDER = 'etc/systemd/system';
/** sd_booted(3) */
const BOOTED = '/run/systemd/system';

export interface UnitPlace {
  /** Empty: this host. */
  readonly root: string;
  readonly signal: AbortSignal;
}

export interface UnitState {
  readonly name: string;
  /** As `systemctl` says: enabled, disabled, static; active, inactive, failed. */
  readonly enabled: string;
  readonly active: string;
}

/** Whether units are of use there: systemd runs, or the folder is another system's. */
export function hasSystemd({ root }: Pick<UnitPlace, 'root'>): boolean {
  return root !== '' || existsSync(BOOTED);
}

/** Whether our units were installed there. */
export function hasUnits({ root }: Pick<UnitPlace, 'root'>): boolean {
  return hasSystemd({ root }) && existsSync(unitPath(root, 'ignited.service'));
}

/** Writes the units for programs below `prefix` and enables them. */
export async function installUnits(place: UnitPlace, templates: string, prefix: string): Promise<void> {
  await mkdir(join(place.root, '/', FOLDER), { recursive: true });
  for (const name of UNITS) {
    const text = await readFile(join(templates, name), 'utf8');
    await writeFile(unitPath(place.root, name), text.replaceAll('@PREFIX@', prefix), { mode: 0o644 });
  }
  if (place.root === '') await systemctl(place, 'daemon-reload');
  await systemctl(place, 'enable', ...ENABLED);
}

/** Starts the socket and the daemon. */
export async function startUnits(place: UnitPlace): Promise<void> {
  await systemctl(place, 'start', ...ENABLED);
}

/** Disables and stops what is there, then removes it. Again is no error. */
export async function removeUnits(place: UnitPlace): Promise<void> {
  const there = UNITS.filter((name) => existsSync(unitPath(place.root, name)));
  if (there.length === 0) return;
  if (place.root === '') await systemctl(place, 'disable', '--now', ...there);
  else await systemctl(place, 'disable', ...there);
  for (const name of there) await rm(unitPath(place.root, name), { force: true });
  if (place.root === '') await systemctl(place, 'daemon-reload');
}

/** How the units are; none where systemd does not run or has none of ours. */
export async function unitStates(signal: AbortSignal): Promise<readonly UnitState[]> {
  const place = { root: '', signal };
  if (!hasUnits(place)) return [];
  const properties = '--property=Id,UnitFileState,ActiveState';
  const text = await systemctl(place, 'show', properties, ...UNITS);
  return text.split('\n\n').flatMap((block) => {
    const field = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? '';
    const name = field('Id');
    return name === '' ? [] : [{ name, enabled: field('UnitFileState'), active: field('ActiveState') }];
  });
}

function unitPath(root: string, name: string): string {
  return join(root, '/', FOLDER, name);
}

function systemctl({ root, signal }: UnitPlace, ...words: readonly string[]): Promise<string> {
  const where = root === '' ? [] : [`--root=${root}`];
  return hostProgram(['systemctl', '--quiet', ...where, ...words], signal);
}
