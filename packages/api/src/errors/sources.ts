import type { ErrorTable } from './entry.ts';

/** Errors of sources: folders and Git repositories that declare VMs. */
export const sourcesErrors = {
  'source/unreachable': {
    status: 502,
    exit: 1,
    blame: 'host',
    hint: 'The last tree that was read holds; it is tried again at every interval, and at once with `ignite gitops sync`.',
  },
  'source/empty': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Push a first commit; nothing is changed until then.',
  },
  'source/no-branch': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: 'Name a branch that is there with --branch; nothing is changed until then.',
  },
  'source/bad-url': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Write ssh://user@host/path, user@host:path, https://host/path or file:///path. http and git have no protection and are refused.',
  },
  'source/bad-path': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Write an absolute path of a folder that is there.',
  },
  'source/taken': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'It is watched already; `ignite gitops status` shows it.',
  },
  'source/not-found': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: '`ignite gitops status` lists the sources there are.',
  },
  'source/nothing-waits': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: '`ignite gitops status` shows what waits.',
  },
  'source/pushed-meanwhile': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Somebody pushed at the same moment, and that push holds; type the change again if it is still wanted.',
  },
  'source/cannot-push': {
    status: 502,
    exit: 1,
    blame: 'host',
    hint: 'The key or token must be one that may push; without --write-back nothing is pushed.',
  },
  'source/branch-taken': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Merge or delete that branch, or name another with --write-branch; it is never overwritten.',
  },
  'source/not-own-repository': {
    status: 403,
    exit: 1,
    blame: 'user',
    hint: "A push into a folder runs what its configuration names: chown it to the daemon's user, or follow it over ssh or https.",
  },
  'source/host-path': {
    status: 403,
    exit: 1,
    blame: 'user',
    hint: 'Manifests of a source may name host files only below spec.hostPaths of the Configuration.',
  },
} as const satisfies ErrorTable;
