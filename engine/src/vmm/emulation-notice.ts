// Says once per boot of the host that VMs are emulated, and why (D8): a user should know it, but not read it each time.
import { z } from 'zod';
import type { VmmChoice } from './choose.ts';

interface Store {
  load(): Promise<unknown>;
  save(value: unknown): Promise<void>;
}

/** The sentence for a choice, the first time in this boot; undefined when there is nothing (more) to say. */
export type EmulationNotice = (choice: VmmChoice) => Promise<string | undefined>;

const schema = z.object({ bootId: z.string() });

/** @param file where it is remembered that it was said; `/run` forgets it */
export function emulationNotice(file: Store, bootId: string): EmulationNotice {
  return async ({ accelerator, reason }) => {
    if (accelerator !== 'tcg') return undefined;
    const said = schema.safeParse(await file.load());
    if (said.success && said.data.bootId === bootId) return undefined;
    await file.save({ bootId });
    return `VMs are emulated on this host, which is slow${reason === undefined ? '' : `: ${reason}`}`;
  };
}
