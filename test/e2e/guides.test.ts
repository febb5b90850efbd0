// The guides with real VMs: every block of commands that is not marked as text, as a person would type it.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type GuideBlock, guideBlocks } from '../fixtures/guide.ts';
import { directory, file } from '../images/index.ts';
import { HTPASSWD } from '../integration/images/htpasswd.ts';
import { startDockerRegistry } from '../registry/index.ts';
import {
  type Ended,
  IGNITE,
  ignite,
  image,
  place,
  pushBusybox,
  registry,
  runProgram,
  waitFor,
} from './world/index.ts';

const BLOCK_MS = 900_000;
/** A reader waits for a server half a minute; a busy host may take longer. */
const PATIENT = [/--retry \d+/g, '--retry 600'] as const;
const PACKAGING = resolve(import.meta.dirname, '../../packaging');
const WEB = [
  { entries: [directory('usr/share/nginx/html'), file('usr/share/nginx/html/index.html', 'hi\n')] },
];

interface Reader {
  /** Words of the guide that stand for something of the reader's own. */
  readonly own?: readonly (readonly [from: RegExp, to: string])[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Does what a guide says, block by block, in a folder of its own. */
async function follow(guide: string, { own = [], env = {} }: Reader = {}): Promise<void> {
  const folder = await mkdtemp(join(place().scratch, 'guide-'));
  const home = [/\/home\/me\b/g, folder] as const;
  const words = [...own, ...publicImages(), home, PATIENT];
  const mine = (text: string) => words.reduce((now, [from, to]) => now.replace(from, to), text);
  for (const block of guideBlocks(guide)) {
    if (block.file !== undefined) {
      await mkdir(dirname(join(folder, block.file)), { recursive: true });
      await writeFile(join(folder, block.file), mine(block.body));
    }
    if (block.language !== 'sh') continue;
    const run = () =>
      runProgram(['bash', '-euo', 'pipefail', '-c', mine(block.body)], {
        cwd: folder,
        timeoutMs: BLOCK_MS,
        env: { PATH: `${dirname(IGNITE)}${delimiter}${process.env['PATH']}`, ...env },
      });
    const ended = block.again
      ? await waitFor(`${guide}:\n${block.body}`, async () => asTold(block, await run()), BLOCK_MS).catch(run)
      : await run();
    const told = `${guide}:\n${block.body}${ended.stdout}${ended.stderr}`;
    if (block.exit !== 'any') assert.equal(String(ended.code), block.exit, told);
    assert.ok(ended.stdout.includes(block.shows ?? ''), told);
  }
}

/** What a block came to, where that is what its guide says. */
function asTold({ exit, shows = '' }: GuideBlock, ended: Ended): Ended | undefined {
  const ends = exit === 'any' || String(ended.code) === exit;
  return ends && ended.stdout.includes(shows) ? ended : undefined;
}

/** Images that everybody can pull are the run's own here. */
function publicImages(): readonly (readonly [RegExp, string])[] {
  return ['alpine', 'nginx'].map((name) => [
    new RegExp(`(?<![\\w/.-])${name}(?![\\w/.-])`, 'g'),
    image(name === 'alpine' ? 'busybox' : name),
  ]);
}

/** Whatever a guide made and a failure left. */
async function clear(vms: readonly string[], network?: string, volume?: string): Promise<void> {
  await ignite(['rm', '-f', ...vms]);
  if (network !== undefined) await ignite(['network', 'rm', '-f', network]);
  if (volume !== undefined) await ignite(['volume', 'rm', volume]);
}

describe('guides', () => {
  before(async () => {
    const Cmd = ['httpd', '-f', '-p', '80', '-h', '/usr/share/nginx/html'];
    await pushBusybox(registry(), 'nginx', { Cmd }, WEB);
  });

  test('getting started', async (t) => {
    t.after(() => clear(['web']));
    await follow('getting-started.md');
  });

  test('volumes', async (t) => {
    t.after(() => clear(['holder', 'db'], undefined, 'data'));
    await follow('volumes.md');
  });

  test('networking', async (t) => {
    t.after(() => clear(['web', 'db'], 'shop'));
    await follow('networking.md');
  });

  test('a private registry', async () => {
    await using guarded = await startDockerRegistry({ htpasswd: HTPASSWD });
    await follow('private-registry.md', {
      own: [[/registry\.example\.com/g, guarded.host]],
      env: { HOME: await mkdtemp(join(place().scratch, 'home-')), REGISTRY_PASSWORD: 'secret' },
    });
  });

  test('Prometheus', async (t) => {
    t.after(() => clear(['metered']));
    await follow('prometheus.md', {
      own: [
        [/\/run\/ignite\b/g, place().run],
        [/\bpackaging\b/g, PACKAGING],
      ],
    });
  });

  test('an etcd cluster behind HAProxy', async (t) => {
    t.after(() => clear(['etcd1', 'etcd2', 'etcd3', 'proxy'], 'etcd'));
    await follow('etcd.md');
  });

  after(async () => void (await ignite(['rmi', image('nginx')])));
});
