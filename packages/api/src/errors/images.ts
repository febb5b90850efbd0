import type { ErrorTable } from './entry.ts';

/** Errors of the room `images`. */
export const imagesErrors = {
  'images/not-found': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: 'Check the spelling; `ignite images` lists what is here, and `ignite pull` fetches what is not.',
  },
  'images/ambiguous': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Name the image by its full reference or its whole UID, as `ignite images` prints them.',
  },
  'images/held': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Try again when the VM is made; `ignite rmi -f` then removes it, too.',
  },
  'images/unauthorized': {
    status: 401,
    exit: 1,
    blame: 'user',
    hint: 'Log in with `ignite login REGISTRY`, or check the credentials and whether the image exists at all.',
  },
  'images/registry-down': {
    status: 502,
    exit: 1,
    blame: 'host',
    hint: 'Check the network, the name of the registry and the proxy settings, then try again; `ignite load -i FILE` needs no registry.',
  },
  'images/registry-untrusted': {
    status: 502,
    exit: 1,
    blame: 'host',
    hint: 'Save the certificate of its CA as /etc/docker/certs.d/REGISTRY/ca.crt (with the port, where the name has one), then try again.',
  },
  'images/registry-refused': {
    status: 502,
    exit: 1,
    blame: 'host',
    hint: 'The registry answered, but not with the image; its own words are in the message. Check the name and the tag.',
  },
  'images/rate-limited': {
    status: 429,
    exit: 1,
    blame: 'user',
    hint: 'Wait, or log in with `ignite login REGISTRY`: registries give known users a larger share.',
  },
  'images/digest-mismatch': {
    status: 502,
    exit: 1,
    blame: 'host',
    hint: 'The content is not what its digest promises; pull again, and mistrust the source if it repeats.',
  },
  'images/wrong-architecture': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: "Use an image built for this machine's architecture, `uname -m`.",
  },
  'images/unknown-layer-type': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Only tar layers that are plain, gzip or zstd can become a disk; rebuild the image with those.',
  },
  'images/unknown-manifest-type': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'The reference must name a container image (an OCI or Docker schema 2 manifest or index).',
  },
  'images/bad-manifest': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'The image breaks the OCI image specification; rebuild or push it again.',
  },
  'images/bad-archive': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'The file must be a complete `docker save` or OCI archive, or an OCI layout folder; the tar of a root file system goes by `ignite import FILE NAME`.',
  },
  'images/bad-layer': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'The layer cannot become a file system as it is; rebuild the image.',
  },
  'images/too-large': {
    status: 413,
    exit: 1,
    blame: 'user',
    hint: 'If the image is meant to be that large, raise `spec.imports` in /etc/ignite/config.yaml.',
  },
  'images/worker-died': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: "The import's own process ended early; look for a lack of memory on the host, then try again.",
  },
  'images/store-broken': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'A file of the image store is damaged: `ignite rmi IMAGE`, then `ignite pull IMAGE`.',
  },
} as const satisfies ErrorTable;
