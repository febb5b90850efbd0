// The sources of a daemon: attached by its start or by a client, withdrawn when that goes. VMs stay (CLI rule 22).
import { type AttachSource, IgniteError, type SourceStatus } from '@ignite/api';
import { parseSelector } from '@ignite/api/selectors';
import type { Engine } from '@ignite/engine';
import { folderOrigin } from './folder/origin.ts';
import { gitOrigin } from './git/origin.ts';
import { createHostFiles } from './host-files.ts';
import type { Origin } from './port.ts';
import { createSource, type Source } from './source.ts';

export interface SourcesInput {
  readonly engine: Pick<Engine, 'vms' | 'declare' | 'clock' | 'commands' | 'source'>;
  /** Paths of this host that manifests may name. */
  readonly hostPaths: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Managers at work: a VM of one of these would be made again after its removal. */
  readonly active: Set<string>;
}

export interface Sources {
  /** Follows a source until the signal. @throws IgniteError `source/…` where it cannot be begun */
  attach(wanted: AttachSource, say: (text: string) => void, signal: AbortSignal): Promise<void>;
  list(): readonly SourceStatus[];
  /** By its name, or by an end of it that only one has. @throws IgniteError `source/not-found` */
  find(word: string): Source;
  /** The source that manages VMs under this name, where it writes changes by hand back. */
  writing(manager: string): Source | undefined;
}

/** The sources of a daemon; none is attached yet. */
export function createSources(input: SourcesInput): Sources {
  const { engine, active } = input;
  const attached = new Map<string, Source>();
  const hostFiles = createHostFiles(input.hostPaths);
  return {
    attach: async (wanted, say, signal) => {
      const origin = await originOf(wanted, input);
      const { manager } = origin;
      if (active.has(manager)) throw new IgniteError('source/taken', `${manager} is followed already`);
      active.add(manager);
      try {
        const selector = wanted.selector === undefined ? undefined : parseSelector(wanted.selector);
        const source = createSource({
          origin,
          engine,
          place: await engine.source(manager),
          selector,
          newVms: wanted.defaults,
          hostFiles,
          say,
        });
        attached.set(manager, source);
        await source.follow(signal);
      } finally {
        attached.delete(manager);
        active.delete(manager);
      }
    },
    list: () => [...attached.values()].map((source) => source.status()),
    writing: (manager) => {
      const source = attached.get(manager);
      return source?.writes === true ? source : undefined;
    },
    find: (word) => {
      const exact = attached.get(word);
      const fitting = [...attached.values()].filter(({ manager }) => word !== '' && manager.includes(word));
      const found = exact ?? (word === '' && attached.size === 1 ? [...attached.values()][0] : fitting[0]);
      if (found === undefined || (exact === undefined && fitting.length > 1))
        throw new IgniteError('source/not-found', `No single source is called "${word}"`);
      return found;
    },
  };
}

function originOf(wanted: AttachSource, { engine, environment }: SourcesInput): Promise<Origin> | Origin {
  if ('folder' in wanted) return folderOrigin(wanted.folder.path);
  return gitOrigin({ source: wanted.git, commands: engine.commands, place: engine.source, environment });
}
