// How VMs are called in the sentences of the original.
import type { VmDocument } from '@ignite/client';
import { escapeText } from '../../output/escape.ts';

/** `Stopped VM with name "x" and ID "y"`. */
export function vmSentence(verb: string, { metadata }: VmDocument): string {
  return `${verb} VM with name "${escapeText(metadata.name)}" and ID "${metadata.uid}"`;
}

/** Whether a VMM process is there. */
export function isRunning(vm: VmDocument): boolean {
  return vm.status.running || ['starting', 'running', 'paused', 'stopping'].includes(vm.status.state);
}
