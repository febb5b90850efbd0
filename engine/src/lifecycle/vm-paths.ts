// Where one VM's files are.
import { runFile, type State, stateFile } from '../state/index.ts';
import type { VmPaths } from './rooms.ts';

/** Absolute paths of a VM; nothing is looked at. */
export function vmPaths(state: Pick<State, 'root' | 'runRoot'>, uid: string, slot: number): VmPaths {
  return {
    directory: stateFile(state.root, 'vm', { uid }),
    logs: stateFile(state.root, 'vmLog', { uid }),
    run: runFile(state.runRoot, 'slot', { slot }),
  };
}
