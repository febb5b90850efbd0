// `--change` of `ignite import`: Dockerfile instructions that say how an image runs (docs.docker.com, "docker import").
import type { RunSettings } from '@ignite/client';
import { usage } from '../usage-error.ts';

type Mutable = { -readonly [K in keyof RunSettings]: RunSettings[K] };

/** All instructions together; later ones win. @throws IgniteError `cli/usage` */
export function readChanges(words: readonly string[]): RunSettings {
  const settings: Mutable = {};
  for (const word of words) apply(settings, word.trim());
  return settings;
}

function apply(settings: Mutable, text: string): void {
  const [, verb = '', rest = ''] = /^(\S+)\s+(.*)$/s.exec(text) ?? [];
  const value = rest.trim();
  switch (verb.toUpperCase()) {
    case 'CMD':
      settings.cmd = commandOf(value);
      return;
    case 'ENTRYPOINT':
      settings.entrypoint = commandOf(value);
      return;
    case 'ENV':
      settings.env = [...(settings.env ?? []), pairOf(value).join('=')];
      return;
    case 'EXPOSE':
      settings.exposedPorts = [...(settings.exposedPorts ?? []), ...value.split(/\s+/).map(portOf)];
      return;
    case 'LABEL': {
      const [name, label] = pairOf(value);
      settings.labels = { ...settings.labels, [name]: label };
      return;
    }
    case 'STOPSIGNAL':
      settings.stopSignal = value;
      return;
    case 'USER':
      settings.user = value;
      return;
    case 'WORKDIR':
      settings.workdir = value;
      return;
    default:
      throw usage(`--change "${text}" is no instruction that says how an image runs`);
  }
}

/** `["a", "b"]` is exact; anything else is for the shell, as in a Dockerfile. */
function commandOf(text: string): string[] {
  if (!text.startsWith('[')) return ['/bin/sh', '-c', text];
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  } catch {
    // told below
  }
  throw usage(`"${text}" is no list of words: write ["a", "b"]`);
}

function pairOf(text: string): readonly [string, string] {
  const [, name = '', value = ''] = /^([^\s=]+)(?:=|\s+)(.*)$/s.exec(text) ?? [];
  if (name === '') throw usage(`"${text}" is no NAME=VALUE`);
  return [name, value.replace(/^"(.*)"$/s, '$1')];
}

function portOf(word: string): string {
  const port = /^(\d{1,5})(?:\/(tcp|udp))?$/.exec(word);
  if (port === null) throw usage(`"${word}" is no port: write 80 or 80/udp`);
  return `${port[1]}/${port[2] ?? 'tcp'}`;
}
