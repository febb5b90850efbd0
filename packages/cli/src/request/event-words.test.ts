import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFilter, readSince, readTime } from './event-words.ts';

const now = new Date('2026-01-01T12:00:00Z');
const wrong = { code: 'cli/usage' };

test('since: a number of the log, or a time', () => {
  assert.deepEqual(readSince(undefined, now).query, {});
  assert.deepEqual(readSince('1042', now).query, { since: 1042 });
  assert.deepEqual(readSince('10m', now), { query: { since: 0 }, time: Date.parse('2026-01-01T11:50:00Z') });
  assert.throws(() => readSince('yesterday', now), wrong);
});

test('times: RFC 3339, seconds since the epoch, how long ago', () => {
  assert.equal(readTime('until', '2026-01-01T10:00:00+01:00', now), Date.parse('2026-01-01T09:00:00Z'));
  assert.equal(readTime('until', '@1767225600', now), 1_767_225_600_000);
  assert.equal(readTime('until', '0s', now), now.getTime());
  assert.throws(() => readTime('until', '2026-13-01', now), wrong);
});

test('filters: all keys, one of the values; a gap is never hidden', () => {
  const event = {
    seq: 1,
    time: '',
    kind: 'vm',
    action: 'die',
    vm: 'abc',
    name: 'web',
    attributes: { by: 'user' },
  };
  const shows = (...words: string[]) => eventFilter(words)(event);
  assert.ok(shows());
  assert.ok(shows('type=vm', 'event=start', 'event=die', 'vm=web'));
  assert.ok(shows('vm=ab', 'by=user'));
  for (const word of ['type=image', 'event=start', 'vm=we', 'vm=', 'by=host', 'nope=1'])
    assert.ok(!shows(word), word);
  assert.ok(eventFilter(['vm=other'])({ ...event, kind: 'gap' }));
  assert.throws(() => eventFilter(['die']), wrong);
});
