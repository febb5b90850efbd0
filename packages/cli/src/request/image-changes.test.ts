import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChanges } from './image-changes.ts';

test('instructions of a Dockerfile say how an image runs', () => {
  assert.deepEqual(
    readChanges([
      'CMD ["/bin/hello", "a b"]',
      'entrypoint exec /init',
      'ENV A=1 2',
      'ENV B "x y"',
      'EXPOSE 80 53/udp',
      'LABEL team=web',
      'USER 1000:1000',
      'WORKDIR /srv',
      'STOPSIGNAL SIGINT',
    ]),
    {
      cmd: ['/bin/hello', 'a b'],
      entrypoint: ['/bin/sh', '-c', 'exec /init'],
      env: ['A=1 2', 'B=x y'],
      exposedPorts: ['80/tcp', '53/udp'],
      labels: { team: 'web' },
      user: '1000:1000',
      workdir: '/srv',
      stopSignal: 'SIGINT',
    },
  );
});

test('what is none is refused', () => {
  for (const word of ['RUN make', 'CMD', 'CMD [1]', 'ENV =x', 'EXPOSE all', ''])
    assert.throws(() => readChanges([word]), /--change|list of words|NAME=VALUE|no port/, word);
});
