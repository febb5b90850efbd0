import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText } from './text.ts';

test('families are written with escaped labels, and those without samples are left out', () => {
  const text = metricsText([
    {
      name: 'a',
      help: 'one\ntwo',
      type: 'gauge',
      samples: [{ labels: { x: 'q"\\\n' }, value: 1.5 }, { value: Number.POSITIVE_INFINITY }],
    },
    { name: 'b', help: '', type: 'counter', samples: [] },
  ]);
  assert.equal(text, '# HELP a one\\ntwo\n# TYPE a gauge\na{x="q\\"\\\\\\n"} 1.5\na +Inf\n');
});
