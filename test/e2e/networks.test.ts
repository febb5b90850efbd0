// Two VMs on networks of the user's: several interfaces, fixed addresses, names, and a policy.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  ignite,
  igniteOk,
  inspect,
  place,
  readMark,
  runProgram,
  runSleeper,
  vmName,
  waitFor,
} from './world/index.ts';

const RULES = ['nft', 'list', 'ruleset'];

describe('VMs on several networks', () => {
  const lab = `lab-${process.pid}`;
  const web = vmName({ after }, 'net-web');
  const db = vmName({ after }, 'net-db');
  // The network goes after the VMs on it.
  after(async () => void (await ignite(['network', 'rm', '-f', lab])));
  before(async () => {
    await igniteOk(['network', 'create', lab]);
    const mac = '02:00:00:00:99:01';
    await Promise.all([
      runSleeper(web, ['--network', 'bridge', '--network', `${lab},mac=${mac},bw=2MB`]),
      runSleeper(db, ['--network', lab, '--policy', 'isolated']),
    ]);
  });

  test('each interface has its address in the guest, and the first has the way out', async () => {
    const nics = (await inspect(web)).bound?.nics ?? [];
    const shown = await igniteOk(['exec', web, 'ip', '-4', 'addr']);
    for (const nic of nics) assert.ok(nic.mode === 'bridge' && shown.includes(` ${nic.address}/`), shown);
    assert.equal(nics.length, 2);
    const [first] = nics;
    assert.ok(first?.mode === 'bridge');
    const routes = await igniteOk(['exec', web, 'ip', 'route']);
    assert.deepEqual(routes.match(/^default .*$/gm)?.length, 1, routes);
    assert.ok(routes.includes(`default via ${first.gateway}`), routes);
  });

  test('the interface with a cap has its rules, the other none', async () => {
    const mark = await readMark(place());
    const spaces = (await runProgram(['ls', '/run/netns'])).stdout.split('\n');
    const ours = spaces.filter((name) => name.includes(mark?.instance ?? '-'));
    const tables = await Promise.all(
      ours.map(
        async (space) => (await runProgram(['nsenter', `--net=/run/netns/${space}`, ...RULES])).stdout,
      ),
    );
    const counts = tables.map((table) => table.match(/limit rate over 2 mbytes\/second/g)?.length ?? 0);
    assert.deepEqual(
      counts.filter((count) => count > 0),
      [2],
    );
  });

  test('a VM finds its neighbour by name, and nothing beyond its own network', async () => {
    const name = `${web}.${lab}`;
    const [, nic] = (await inspect(web)).bound?.nics ?? [];
    assert.ok(nic?.mode === 'bridge');
    const found = async () => (await ignite(['exec', db, 'nslookup', name])).stdout.includes(nic.address);
    await waitFor('the neighbour is found', found); // a resolver gives up soon on a busy host
    await igniteOk(['exec', db, 'ping', '-c', '1', '-W', '60', nic.address]);
    const [outer] = (await inspect(web)).bound?.nics ?? [];
    assert.ok(outer?.mode === 'bridge');
    const refused = await ignite(['exec', db, 'ping', '-c', '1', '-W', '2', outer.address]);
    assert.notEqual(refused.code, 0);
    const row = new RegExp(`^${outer.address.replaceAll('.', '\\.')} +icmp`, 'm');
    await waitFor('it is told', async () => row.test(await igniteOk(['network', 'denied', db])));
  });

  test('a network in use stays, and inspect tells by whom', async () => {
    const refused = await ignite(['network', 'rm', lab]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, new RegExp(`in use by .*${db}`));
    const names = await igniteOk([
      'network',
      'inspect',
      '-f',
      '{{range .status.usedBy}}{{.name}} {{end}}',
      lab,
    ]);
    assert.ok(names.includes(web) && names.includes(db), names);
  });

  test('stopped and started again, a VM has what it had', async () => {
    const before = (await inspect(web)).bound?.nics;
    await igniteOk(['kill', web]);
    await igniteOk(['start', web]);
    assert.deepEqual((await inspect(web)).bound?.nics, before);
    await waitFor(
      'its name',
      async () => (await ignite(['exec', db, 'nslookup', `${web}.${lab}`])).code === 0,
    );
  });
});
