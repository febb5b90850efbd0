import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageRunConfig } from '../../images/port.ts';
import { effectiveCommand, effectiveEnvironment } from './app-command.ts';

const image: ImageRunConfig = {
  entrypoint: ['/entry'],
  cmd: ['default'],
  env: [],
  user: '',
  workdir: '',
  exposedPorts: [],
  labels: {},
};

for (const [words, expected] of [
  [{}, ['/entry', 'default']],
  [{ command: [] }, ['/entry', 'default']],
  [{ command: ['a', 'b'] }, ['/entry', 'a', 'b']],
  [{ entrypoint: ['/other'] }, ['/other']],
  [{ entrypoint: ['/other'], command: ['a'] }, ['/other', 'a']],
  [{ entrypoint: [''], command: ['ls'] }, ['ls']],
  [{ entrypoint: [] }, []],
] as const)
  test(`${JSON.stringify(words)} runs ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(effectiveCommand(words, image), expected);
  });

test("the user's environment replaces the image's by name and keeps its place", () => {
  assert.deepEqual(effectiveEnvironment(['PATH=/bin', 'A=1'], ['A=2', 'B=x=y']), [
    'PATH=/bin',
    'A=2',
    'B=x=y',
  ]);
});
