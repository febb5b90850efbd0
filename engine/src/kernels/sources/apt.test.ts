import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { type AptContext, withApt } from './apt.ts';

const NAME = 'linux-image-cloud-amd64';

/** What a download ends with that fails, by an apt that knows the package by the host's lists, by its own, or not at all. */
async function attempt(known: (own: boolean) => boolean): Promise<unknown> {
  const scratch = await mkdtemp(join(tmpdir(), 'ignite-apt-'));
  const run = async (argv: readonly string[]) => {
    const shown = known(argv.includes('-o'))
      ? `Package: ${NAME}\nVersion: 1\nSize: 1\nFilename: x.deb\n`
      : '';
    if (argv.includes('download')) throw new Error('Could not resolve deb.test');
    return { code: 0, stdout: argv.includes('show') ? shown : '', stderr: '' };
  };
  try {
    const { signal } = new AbortController();
    const context: AptContext = { commands: { run }, scratch, report: () => {}, signal };
    return await withApt(NAME, context, async (apt) => apt.download([await apt.show(NAME)])).catch(
      (error: unknown) => error,
    );
  } finally {
    await rm(scratch, { recursive: true });
  }
}

test('without a network: fresh lists that are empty do not hide that the download failed', async () => {
  const error = await attempt((own) => !own);
  assert.ok(isIgniteError(error, 'kernels/apt-failed'));
  assert.match(error.message, /linux-image-cloud-amd64 could not be had through apt/);
  assert.ok(error.cause instanceof Error && /Could not resolve/.test(error.cause.message));
});

test('a package that neither list has is one that apt does not know', async () => {
  assert.ok(isIgniteError(await attempt(() => false), 'kernels/not-found'));
});

test('a package that only fresh lists have, and that cannot be downloaded', async () => {
  const error = await attempt((own) => own);
  assert.ok(isIgniteError(error, 'kernels/apt-failed'));
  assert.ok(error.cause instanceof Error && /Could not resolve/.test(error.cause.message));
});
