// `ignite inspect` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Show everything about objects. */
export const inspect: CommandSpec = {
  path: ['inspect'],
  also: [['vm', 'inspect']],
  summary: 'Show everything about VMs, images, kernels, volumes and networks',
  description: `With a kind and one object, prints that object; with objects only, an array of them. Of two words, the first of which
is a kind (vm, image, kernel, volume, network), the first form holds.`,
  operands: '[KIND] OBJECT...',
  fewest: 1,
  completes: ['vm', 'image', 'kernel', 'volume', 'network'],
  offers: ['vm', 'image', 'kernel', 'volume', 'network'],
  flags: [
    {
      long: 'output',
      short: 'o',
      kind: 'string',
      value: 'FORM',
      choices: ['json', 'yaml'],
      help: 'json or yaml',
      fallback: 'json',
    },
    {
      long: 'template',
      also: ['format'],
      short: 'tf',
      kind: 'string',
      value: 'TEMPLATE',
      help: 'Go template, one line an object',
    },
    {
      long: 'api-version',
      kind: 'string',
      value: 'VERSION',
      offers: ['v1beta1', 'v1alpha4', 'v1alpha3', 'v1alpha2'],
      help: 'Print VMs in this version: v1beta1, v1alpha4, v1alpha3, v1alpha2',
      fallback: 'v1beta1',
    },
    {
      long: 'type',
      kind: 'string',
      value: 'KIND',
      choices: ['vm', 'image', 'kernel', 'volume', 'network', 'container'],
      help: 'Only objects of this kind',
    },
  ],
  examples: [
    { text: 'One VM', command: 'ignite inspect vm my-vm' },
    { text: 'Its address', command: "ignite inspect -f '{{index .status.network.ipAddresses 0}}' my-vm" },
  ],
  load: () => import('../run/inspect.ts'),
};
