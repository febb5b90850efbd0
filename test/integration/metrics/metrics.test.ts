// The scrape of a daemon with a VM, judged by promtool, taken by Debian's prometheus with our alert rules.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { EventEmitter, on } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Engine } from '../../../engine/src/index.ts';
import { serveMetrics } from '../../../packages/daemon/src/metrics/serve.ts';
import { startProgram } from '../../containers/start-program.ts';
import { freePort } from '../../registry/docker-registry.ts';
import { manifest, openWorld, type World } from '../declare/world.ts';
import { followed } from '../gitops/followed.ts';
import { buildPrograms, eventually } from '../supervisor/world.ts';

const PACKAGING = join(import.meta.dirname, '../../../packaging/prometheus');
const RULES = join(PACKAGING, 'ignite.rules.yml');

let world: World;
let port: number;
let socket: string;
let stop: () => Promise<void>;
let source: { readonly done: Promise<void> };
const ending = new AbortController();
const events = new EventEmitter();

before(async () => {
  buildPrograms();
  world = await openWorld();
  port = await freePort();
  socket = join(world.folder, 'metrics.sock');
  await writeFile(socket, 'left by a daemon that was killed');
  await mkdir(join(world.folder, 'manifests'));
  source = await followed(world, { folder: { path: join(world.folder, 'manifests') } }, ending.signal);
  const engine: Engine = Object.assign(world.engine, {
    images: { list: async () => [] },
    kernels: { list: async () => [] },
    metricsSocket: (uid: string) => join(world.folder, `${uid}.sock`),
    events: { last: () => 0, read: () => told() },
  });
  stop = await serveMetrics({
    engine,
    sources: world.sources,
    version: 'v1.0.0',
    commit: 'abc',
    socket,
    address: `127.0.0.1:${port}`,
    complain: (text, error) => assert.fail(`${text}: ${String(error)}`),
    signal: ending.signal,
  });
  assert.equal((await world.ignite(['apply', '-f', '-'], manifest('metered-vm'))).code, 0);
});
/** Events of VMs, said by the test. */
async function* told() {
  for await (const [event] of on(events, 'vm', { signal: ending.signal })) yield event;
}

/** As the engine does it when a VM starts or ends. */
function tell(action: 'start' | 'die', vm: string): void {
  events.emit('vm', { seq: 1, time: '2026-11-20T10:00:00Z', kind: 'vm', action, vm, attributes: {} });
}

after(async () => {
  ending.abort();
  await source.done;
  await stop();
  await world[Symbol.asyncDispose]();
});

test('BEY-07: MET-03, MET-01: promtool finds nothing wrong, over the socket at any path; one scrape has all VMs', async () => {
  const text = await fetchText({ socketPath: socket, path: '/' });
  assert.match(text, /^ignite_vm_up\{uid="[0-9a-f]{16}",name="metered-vm"\} 1$/m);
  assert.match(text, /^ignite_build_info\{version="v1.0.0",commit="abc",node="v\d/m);
  assert.match(text, /^ignite_source_up\{source="folder:/m);
  assert.match(text, /^vm_create_counter 0$/m);
  assert.match(text, /^ignite_source_reconciles_total\{source="folder:/m);
  assert.match(text, /^ignite_source_reconcile_duration_seconds\{/m);
  assert.match(text, /^ignite_networks \d+$/m);
  // The four counters of the original keep their names, which today's style would not allow.
  const input = text.replace(/^(# (HELP|TYPE) )?vm_\w+_counter .*\n/gm, '');
  const told = execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  assert.equal(told, '');
});

test('MET-02, HAZ-04: a VM that runs has a socket of its own; a stale one is replaced, and it goes with the end', async () => {
  const { uid } = world.house.vms.inspect('metered-vm').metadata;
  const path = join(world.folder, `${uid}.sock`);
  await writeFile(path, 'stale');
  assert.equal((await world.ignite(['apply', '-f', '-'], manifest('other-vm'))).code, 0);
  tell('start', uid);
  const ask = () => fetchText({ socketPath: path, path: '/whatever' }).catch(() => '');
  const text = await eventually(ask, (answer) => answer !== '', 60_000);
  assert.match(text, /^ignite_vm_up\{uid="[0-9a-f]{16}",name="metered-vm"\} 1$/m);
  assert.match(text, /^ignite_build_info/m);
  assert.doesNotMatch(text, /other-vm/);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' }), '');
  assert.equal((await world.ignite(['stop', 'metered-vm'])).code, 0);
  tell('die', uid);
  const there = () =>
    stat(path).then(
      () => true,
      () => false,
    );
  await eventually(there, (is) => !is, 60_000);
  assert.equal((await world.ignite(['start', 'metered-vm'])).code, 0);
});

test('every metric of the dashboard and of the rules is in the scrape, or needs a guest with an agent or a source that writes back', async () => {
  const text = await fetchText({ port, path: '/metrics' });
  const there = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const used = `${await readFile(RULES, 'utf8')}${await readFile(join(PACKAGING, 'dashboard.json'), 'utf8')}`;
  const names = new Set([...used.matchAll(/\b(?:ignite|vm|process)_[a-z_]+/g)].map(([name]) => name));
  const measured = /^ignite_vm_(guest|network|disk|cpu|resident)_|^ignite_source_unwritten$/;
  assert.deepEqual(
    [...names].filter((name) => !there.has(name) && !measured.test(name)),
    [],
  );
});

test('MET-04: promtool takes the alert rules, and prometheus scrapes the daemon', async () => {
  execFileSync('promtool', ['check', 'rules', RULES], { stdio: 'pipe' });
  // What the dashboard asks is held to the same: each question as a recording rule.
  const dashboard = await readFile(join(PACKAGING, 'dashboard.json'), 'utf8');
  const asked = [...dashboard.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(([, text = '']) =>
    String(JSON.parse(text)),
  );
  const rules = asked.map((expr, at) => ({ record: `dashboard:question:${at}`, expr }));
  const questions = join(world.folder, 'questions.yml');
  await writeFile(questions, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  assert.ok(rules.length > 10);
  execFileSync('promtool', ['check', 'rules', questions], { stdio: 'pipe' });
  const web = await freePort();
  const file = join(world.folder, 'prometheus.yml');
  const scrape = {
    job_name: 'ignite',
    scrape_interval: '1s',
    static_configs: [{ targets: [`127.0.0.1:${port}`] }],
  };
  await writeFile(file, JSON.stringify({ rule_files: [RULES], scrape_configs: [scrape] })); // JSON is YAML
  const words = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(world.folder, 'tsdb')}`,
    `--web.listen-address=127.0.0.1:${web}`,
  ];
  const ready = () => fetchText({ port: web, path: '/-/ready' });
  await using _program = await startProgram(['/usr/bin/prometheus', ...words], { ready });
  const query = `/api/v1/query?query=${encodeURIComponent('ignite_vm_up{name="metered-vm"}')}`;
  const ask = () => fetchText({ port: web, path: query }).catch(() => '');
  await eventually(ask, (answer) => /"1"\]/.test(answer), 90_000);
  assert.match(await fetchText({ port: web, path: '/api/v1/rules' }), /IgniteVmDown/);
});

function fetchText(place: {
  readonly port?: number;
  readonly socketPath?: string;
  readonly path: string;
}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { ...place, ...(place.port === undefined ? {} : { host: '127.0.0.1' }), timeout: 30_000 };
    const request = get(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve(text) : reject(new Error(`${answer.statusCode}`)),
      );
    });
    request.on('error', reject);
  });
}
