// JSON Schemas of what people write, for editors: our version and the original's. Pure; a script writes docs/schemas.
import { z } from 'zod';
import { configurationSchema } from '../kinds/configuration.ts';
import { vmManifestSchema } from '../kinds/vm.ts';
import { LEGACY_VERSIONS, legacySchema } from '../versions/v1alpha.ts';

/** Schemas by the name of their file. */
export function manifestSchemas(): Readonly<Record<string, object>> {
  const legacy = LEGACY_VERSIONS.flatMap((version) =>
    (['VM', 'Configuration'] as const).flatMap((kind) => {
      const schema = legacySchema(version, kind);
      return schema === undefined
        ? []
        : [[`${kind.toLowerCase()}-${version}.json`, schemaOf(schema, `${kind} ${version}`)] as const];
    }),
  );
  const vm = schemaOf(vmManifestSchema, 'VM v1beta1');
  return {
    'vm-v1beta1.json': vm,
    'configuration-v1beta1.json': schemaOf(configurationSchema, 'Configuration v1beta1'),
    ...Object.fromEntries(legacy),
  };
}

function schemaOf(schema: z.ZodType, title: string): object {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7', // what the language servers of editors read
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.propertyNames !== undefined) delete jsonSchema.propertyNames;
    },
  });
  return { title, ...made };
}
