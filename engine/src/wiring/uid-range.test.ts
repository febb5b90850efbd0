import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { claimUidRange } from './uid-range.ts';

const files =
  (content: Readonly<Record<string, string>>) =>
  async (path: string): Promise<string | undefined> =>
    content[path];
const whole = { '/proc/self/uid_map': '         0          0 4294967295\n' };

test('slots of two engines never meet', async () => {
  const [a, b] = await Promise.all(
    [0, 1].map((ordinal) => claimUidRange({ base: 1000, ordinal, read: files(whole) })),
  );

  assert.equal(a?.vmm(0), 1000);
  assert.ok((a?.worker ?? 0) < (b?.vmm(0) ?? 0));
});

test('a range that somebody has is refused, naming who', async () => {
  const passwd = { ...whole, '/etc/passwd': 'root:x:0:0::/:/bin/sh\nalice:x:1500:1500::/:/bin/sh\n' };
  const subuid = { ...whole, '/etc/subuid': '# comment\nbob:900:200\n' };

  for (const [content, who] of [
    [passwd, /alice/],
    [subuid, /bob/],
  ] as const)
    await assert.rejects(
      claimUidRange({ base: 1000, ordinal: 0, read: files(content) }),
      (error) => isIgniteError(error, 'host/uid-range-taken') && who.test(error.message),
    );
});

test('a user namespace that lacks the ids is refused', async () => {
  await assert.rejects(
    claimUidRange({ base: 70_000, ordinal: 0, read: files({ '/proc/self/uid_map': '0 100000 65536\n' }) }),
    (error) => isIgniteError(error, 'host/uid-range-unmapped'),
  );
});
