// Why a program of the host cannot be executed, each reason in words of its own.
import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { hostArchitecture, machineWord } from '../host/index.ts';

/** `e_machine` of an ELF file lies at byte 18 (elf(5)); its values by the names that QEMU and uname give the machines. */
const E_MACHINE = 18;
const MACHINES: Readonly<Record<number, string>> = { 62: 'x86_64', 183: 'aarch64' };

/**
 * Looks at the file; nothing is run.
 * @param host this machine, whatever machine the program makes: `x86_64` or `aarch64`
 * @returns a sentence; undefined where nothing speaks against it
 */
export async function whyNotExecutable(
  program: string,
  host: string = machineWord(hostArchitecture()),
): Promise<string | undefined> {
  try {
    if (!(await stat(program)).isFile()) return `${program} cannot be executed: it is not a file`;
    await access(program, constants.X_OK);
  } catch (error) {
    return notReached(program, error);
  }
  const machine = await machineOf(program);
  if (machine === undefined || machine === host) return undefined;
  return `${program} cannot be executed: it is for ${machine}, and this machine is ${host}`;
}

function notReached(program: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return `${program} cannot be executed: it is not there`;
  if (code === 'EACCES') return `${program} cannot be executed: it is not executable (chmod +x ${program})`;
  return `${program} cannot be executed: ${code}`;
}

/** Undefined for what is no ELF file of a machine that we know: a script, or one that says itself what it is. */
async function machineOf(program: string): Promise<string | undefined> {
  await using file = await open(program, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(E_MACHINE + 2), 0, E_MACHINE + 2, 0);
  if (bytesRead < E_MACHINE + 2 || !buffer.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1')))
    return undefined;
  return MACHINES[buffer.readUInt16LE(E_MACHINE)] ?? 'another machine';
}
