// One call of a plugin: environment and configuration in, a result or its error out (CNI spec, sections 2 and 5).
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError, isIgniteError } from '@ignite/api';
import { type Commands, HOST_PATH } from '../../host/index.ts';
import { isObject, type PluginConfiguration } from './configuration.ts';

/** What a plugin answered to ADD; the next one gets it as it is. */
export type CniResult = Readonly<Record<string, unknown>>;

/** Whom a call is about. */
export interface Attachment {
  readonly containerId: string;
  /** Path of the namespace. */
  readonly netns: string;
  /** Name of the interface in it. */
  readonly interface: string;
}

interface PluginCall {
  readonly command: 'ADD' | 'CHECK' | 'DEL';
  readonly attachment: Attachment;
  /** Complete: with name, cniVersion, prevResult and runtimeConfig. */
  readonly configuration: PluginConfiguration;
  readonly signal: AbortSignal;
}

export interface PluginHost {
  readonly commands: Commands;
  /** Folders with plugins, the first that has one wins. */
  readonly folders: readonly string[];
  readonly deadlineMs: number;
}

const EXIT_CODES = Array.from({ length: 256 }, (_, code) => code);

/**
 * Runs a plugin to its end.
 * @returns the result of ADD; of the others nothing
 * @throws IgniteError `network/cni-no-plugin`, `network/cni-failed`, `network/cni-late`, `host/cancelled`
 */
export async function callPlugin(host: PluginHost, call: PluginCall): Promise<CniResult | undefined> {
  const { command, configuration } = call;
  const program = await findPlugin(host.folders, configuration.type);
  const { code, stdout, stderr } = await run(host, program, call);
  const value = parse(stdout);
  const said = `The CNI plugin ${configuration.type} (${command})`;
  if (code !== 0)
    throw new IgniteError('network/cni-failed', `${said} failed: ${complaint(value, stdout, stderr, code)}`);
  if (command !== 'ADD') return undefined;
  if (!isObject(value))
    throw new IgniteError('network/cni-failed', `${said} answered what is no result: ${excerpt(stdout)}`);
  return value;
}

/**
 * Absolute path of a plugin.
 * @throws IgniteError `network/cni-no-plugin`
 */
export async function findPlugin(folders: readonly string[], type: string): Promise<string> {
  for (const folder of folders) {
    const path = join(folder, type);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // perhaps in the next one
    }
  }
  throw new IgniteError('network/cni-no-plugin', `The CNI plugin ${type} is not in ${folders.join(' or ')}`);
}

async function run(host: PluginHost, program: string, call: PluginCall) {
  const { command, attachment, configuration, signal } = call;
  try {
    return await host.commands.run([program], {
      signal,
      timeoutMs: host.deadlineMs,
      withChildren: true,
      okCodes: EXIT_CODES,
      input: JSON.stringify(configuration),
      env: {
        PATH: HOST_PATH,
        LC_ALL: 'C',
        CNI_COMMAND: command,
        CNI_CONTAINERID: attachment.containerId,
        CNI_NETNS: attachment.netns,
        CNI_IFNAME: attachment.interface,
        CNI_ARGS: 'IgnoreUnknown=1',
        CNI_PATH: host.folders.join(':'),
      },
    });
  } catch (cause) {
    const what = `The CNI plugin ${configuration.type} (${command})`;
    if (isIgniteError(cause, 'host/deadline'))
      throw new IgniteError('network/cni-late', `${what} did not end within ${host.deadlineMs / 1000} s`, {
        cause,
      });
    if (isIgniteError(cause, 'host/command-failed'))
      throw new IgniteError('network/cni-failed', `${what} failed: ${cause.message}`, { cause });
    throw cause;
  }
}

/** An error is `{code, msg, details}` on stdout; plugins that crash write to stderr, or nothing. */
function complaint(value: unknown, stdout: string, stderr: string, code: number): string {
  if (isObject(value) && typeof value['msg'] === 'string') {
    const details =
      typeof value['details'] === 'string' && value['details'] !== '' ? ` (${value['details']})` : '';
    return `${value['msg']}${details}`.slice(0, MESSAGE_MAX);
  }
  return `exit code ${code}: ${excerpt(stderr.trim() || stdout)}`;
}

const MESSAGE_MAX = 1000;

function excerpt(text: string): string {
  const trimmed = text.trim();
  return trimmed === '' ? 'nothing' : JSON.stringify(trimmed.slice(0, 200));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
