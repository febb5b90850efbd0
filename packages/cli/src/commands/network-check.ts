// `ignite network check` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Find the broken hop. */
export const networkCheck: CommandSpec = {
  path: ['network', 'check'],
  summary: 'Find what keeps a VM from the network',
  description: `Looks at every hop from the guest to the internet: the guest itself, its tap, the bridge, the interface of the host, our
rules, forwarding, the firewalls of others, the way out, the resolver, a server beyond the host. Says of a broken one what
to do; the first that is broken is the cause. Nothing is changed. The exit status is 1 where a hop is broken.`,
  operands: 'VM',
  fewest: 1,
  most: 1,
  completes: ['vm'],
  flags: [
    {
      long: 'target',
      kind: 'string',
      value: 'ADDRESS:PORT',
      help: 'TCP server that the host is to reach',
      fallback: "the host's first resolver",
    },
    {
      long: 'output',
      short: 'o',
      kind: 'string',
      value: 'FORM',
      choices: ['json', 'yaml'],
      help: 'Everything as json or yaml',
    },
    {
      long: 'format',
      kind: 'string',
      value: 'FORMAT',
      choices: ['table', 'json'],
      help: 'The same, Docker’s way',
    },
  ],
  examples: [
    { text: 'Why does web not reach the internet?', command: 'ignite net check web' },
    { text: 'With a server that must be reached', command: 'ignite net check --target 203.0.113.7:443 web' },
  ],
  load: () => import('../run/network-check.ts'),
};
