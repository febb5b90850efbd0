// `ignite get` and `ignite convert` as data: objects as manifests.
import type { CommandSpec } from '../argv/spec.ts';
import type { FlagSpec } from '../argv/grammar.ts';

const versionFlag: FlagSpec = {
  long: 'api-version',
  kind: 'string',
  value: 'VERSION',
  choices: ['ignite.vm/v1beta1', 'v1beta1', 'v1alpha4', 'v1alpha3', 'v1alpha2'],
  help: 'Version of the printed objects',
  fallback: 'v1beta1',
};

/** Print objects. */
export const get: CommandSpec = {
  path: ['get'],
  summary: 'Print objects, as manifests if asked',
  description: `Lists objects of a kind (vm, image, kernel; vm if none is named), all of them or those named. --manifest prints only what
a manifest may say, so that \`ignite apply\` takes it again.`,
  operands: '[KIND] [OBJECT...]',
  fewest: 0,
  completes: ['vm', 'image', 'kernel'],
  offers: ['vm', 'image', 'kernel'],
  flags: [
    {
      long: 'selector',
      short: 'l',
      kind: 'string',
      value: 'SELECTOR',
      help: 'Only objects with such labels',
    },
    {
      long: 'output',
      short: 'o',
      kind: 'string',
      value: 'FORM',
      choices: ['json', 'yaml', 'name'],
      help: 'Whole objects as json or yaml, or names alone',
    },
    { long: 'manifest', kind: 'bool', help: 'As manifests: without bound and status' },
    versionFlag,
  ],
  examples: [
    { text: 'Manifests of all VMs of an application', command: 'ignite get vm -l app=web --manifest' },
    {
      text: 'For a program that knows the original',
      command: 'ignite get vm my-vm -o yaml --api-version v1alpha4',
    },
  ],
  load: () => import('../run/get.ts'),
};

/** Print manifests in another version. */
export const convert: CommandSpec = {
  path: ['convert'],
  summary: 'Print manifests in another version',
  description: `Reads manifests of any version, checks them, and prints them in another, without the daemon. What the original has no
  field for is left out and reported on stderr.`,
  operands: '',
  fewest: 0,
  most: 0,
  instead: '`ignite convert -f FILE` names a manifest',
  flags: [
    {
      long: 'filename',
      also: ['file'],
      short: 'f',
      kind: 'list',
      value: 'FILE|DIR|-',
      completes: 'file',
      help: 'Manifest, folder of manifests, or stdin',
    },
    versionFlag,
    {
      long: 'output',
      short: 'o',
      kind: 'string',
      value: 'FORM',
      choices: ['json', 'yaml'],
      fallback: 'yaml',
      help: 'json or yaml',
    },
  ],
  examples: [{ text: 'To our version', command: 'ignite convert -f old.yaml > new.yaml' }],
  load: () => import('../run/convert.ts'),
};
