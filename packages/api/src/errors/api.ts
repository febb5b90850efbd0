import type { ErrorTable } from './entry.ts';

/** Errors of the room `api`: words and objects that people write. */
export const apiErrors = {
  'api/invalid-size': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Write a whole number with a unit: 512MB, 4GB, 1536MiB, 512m.',
  },
  'api/invalid-name': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Use lower-case letters, digits, "-" and "."; begin and end with a letter or digit; at most 253 characters.',
  },
  'api/invalid-uid': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'A UID is 16 characters of a-z and 0-9; leave it out to have one made.',
  },
  'api/invalid-reference': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Write it as for docker: [registry/]name[:tag][@sha256:digest], for example ubuntu:24.04.',
  },
  'api/invalid-port': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Write [address:][hostPort:]vmPort[/tcp|udp], for example 8080:80 or 127.0.0.1:8080:80/udp.',
  },
  'api/invalid-label': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Write key=value; at most 64 labels, keys to 63 bytes, values to 256 bytes.',
  },
  'api/invalid-selector': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Write a=b, a!=b, a, !a, a in (b,c) or a notin (b,c), joined by commas.',
  },
  'api/invalid-restart-policy': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Write no, on-failure, on-failure:N, always or unless-stopped.',
  },
  'api/invalid-object': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Mend the fields named above and try again; nothing was changed.',
  },
  'api/cannot-edit': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Change the manifest by hand.',
  },
  'api/invalid-manifest': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Mend the places named above; `ignite inspect VM -o yaml` prints an object to compare with.',
  },
  'api/manifest-too-large': {
    status: 413,
    exit: 1,
    blame: 'user',
    hint: 'A manifest document has at most 1 MiB after its aliases are filled in.',
  },
  'api/ambiguous': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Write more of the name, or the whole UID.',
  },
  'api/not-found': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: '`ignite ps -a`, `ignite images`, `ignite kernels`, `ignite volume ls` and `ignite network ls` list what there is.',
  },
} as const satisfies ErrorTable;
