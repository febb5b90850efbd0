// `ignite convert`: manifests of any version in another one.
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { manifestTexts, parseTexts } from '../request/manifests.ts';
import { versionOf } from '../views/api-version.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, out } = context;
  const manifests = await parseTexts(await manifestTexts(context));
  const { printManifest } = await import('@ignite/api/versions');
  const version = versionOf(flags.string('api-version'));
  const printed = manifests.map((manifest) => {
    const { document, lost } = printManifest(manifest, version);
    const { file, line } = manifest.origin;
    for (const path of lost)
      out.warn(`${escapeText(file)}:${line}: ${path} has no field in ${version} and is left out`);
    return document;
  });
  const { printDocuments } = await import('../views/documents.ts');
  await printDocuments(out, printed, flags.string('output') ?? 'yaml');
  return 0;
}
