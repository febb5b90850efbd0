// `ignite gitops status`: one block for each source.
import { IgniteError } from '@ignite/api/errors';
import type { ResultDocument } from '@ignite/api';
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';

type SourceDocument = ResultDocument<'listSources'>['items'][number];

export async function run(context: CommandContext): Promise<number> {
  const { operands, signal } = context;
  const client = await context.client();
  const word = operands[0];
  const all = (await client.listSources({ signal })).items;
  const shown = word === undefined ? all : all.filter(({ name }) => name.includes(word));
  if (shown.length === 0 && word !== undefined)
    throw new IgniteError('source/not-found', `No source is called "${word}"`);
  if (shown.length === 0) context.out.note('No folder and no repository is followed');
  return await printSources(context, shown);
}

/** @returns the exit status: 1 where a source is not good */
export async function printSources(
  { flags, out }: CommandContext,
  sources: readonly SourceDocument[],
): Promise<number> {
  const form = flags.has('output') ? flags.string('output') : undefined;
  if (form === 'json') out.data(JSON.stringify(sources, undefined, 2));
  else if (form === 'yaml') out.data((await import('yaml')).stringify(sources).trimEnd());
  else for (const line of sources.flatMap(linesOf)) out.data(escapeText(line));
  return sources.every(({ state }) => state === 'good' || state === 'starting') ? 0 : 1;
}

function writeBackLines({ writeBack }: SourceDocument): readonly string[] {
  if (writeBack === undefined) return [];
  const { mode, branch = '', revision, error } = writeBack;
  return [
    `  writes    ${mode === 'ignite' ? 'as the original, to' : 'to'} ${branch}${revision === undefined ? '' : `, last ${revision}`}`,
    ...(error === undefined ? [] : [`  unwritten ${[error.message, ...error.causes].join(': ')}`]),
  ];
}

function linesOf(source: SourceDocument): readonly string[] {
  const { name, state, branch, revision, applied, appliedAt, declared, managed, error, waiting } = source;
  const failed = source.items.filter((item) => item.error !== undefined).length;
  const but = failed === 0 ? '' : `, but for ${failed} of ${declared} VMs`;
  const at = `${appliedAt === undefined ? '' : ` at ${appliedAt}`}${but}`;
  return [
    `${name}: ${state}`,
    ...(branch === undefined ? [] : [`  branch    ${branch}`]),
    `  revision  ${revision ?? '(none read yet)'}`,
    `  applied   ${applied === undefined ? '(nothing yet)' : `${applied}${at}`}`,
    `  VMs       ${declared} declared, ${managed} managed`,
    ...writeBackLines(source),
    ...(error === undefined ? [] : [`  error     ${[error.message, ...error.causes].join(': ')}`]),
    ...(waiting === undefined ? [] : [`  waiting   ${waiting}`]),
    ...source.notes.map((note) => `  note      ${note}`),
    ...source.problems.map(
      ({ file, line, column, message }) =>
        `  file      ${file}${line === undefined ? '' : `:${line}:${column ?? 1}`}: ${message}`,
    ),
    ...source.items.map((item) => {
      const why = item.error?.message ?? item.drift ?? '';
      return `  vm        ${item.name}: ${wordOf(item)}${why === '' ? '' : `: ${why}`}`;
    }),
  ];
}

function wordOf({ action, error }: SourceDocument['items'][number]): string {
  if (error === undefined) return action;
  return error.code === 'vm/needs-recreate' ? 'waits' : 'failed';
}
