import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPaxRecord, formatPaxTime, parsePaxRecords, paxTime } from './pax-records.ts';

test('records come back as they were, whatever their bytes', () => {
  const bytes = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  });
  const key = fc.stringMatching(/^[a-z][a-zA-Z.]{0,20}$/).map((name) => `SCHILY.xattr.${name}`);
  fc.assert(
    fc.property(fc.dictionary(key, bytes), (records) => {
      const body = Object.entries(records).map(([name, value]) => formatPaxRecord(name, value));
      const parsed = parsePaxRecords(Buffer.from(body.join(''), 'latin1'), 'test');
      assert.deepEqual(Object.fromEntries(parsed.values), { ...records });
    }),
  );
});

test('a record counts its own length, also where that changes its digits', () => {
  for (const size of [1, 87, 88, 89, 90, 985, 986, 987, 988, 989]) {
    const record = formatPaxRecord('path', 'x'.repeat(size));
    assert.equal(Number.parseInt(record, 10), record.length);
  }
});

test('times come back to the nanosecond, also before 1970', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
      fc.nat(999_999_999),
      (seconds, nanoseconds) => {
        const time = { seconds, nanoseconds };
        assert.deepEqual(paxTime(formatPaxTime(time), 'mtime', 'test'), time);
      },
    ),
  );
  assert.deepEqual(paxTime('-0.25', 'mtime', 'test'), { seconds: -1, nanoseconds: 750_000_000 });
  assert.deepEqual(paxTime('12.3456789019', 'mtime', 'test'), { seconds: 12, nanoseconds: 345_678_901 });
});

test('broken records are malformed', () => {
  for (const text of ['5 a=b', '99 a=b\n', 'x a=b\n', '6 =bc\n', '6 abc\n', '0 a=b\n', '11 path=a\0\n']) {
    assert.throws(() => parsePaxRecords(Buffer.from(text), 'test'), { code: 'archive/malformed' }, text);
  }
});
