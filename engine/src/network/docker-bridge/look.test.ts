import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import type { DockerAnswer, DockerApi } from '../../host/index.ts';
import { lookAtPlaces } from './look.ts';
import { createSeats } from './seats.ts';

const NAME = 'ignite-0-abc-vm3';
const given = { name: 'eth0', mac: '02:00:00:00:00:01', mtu: 1500, address: '172.17.0.2', dns: [] };
const nic = { mode: 'docker-bridge', network: 'docker-bridge', ports: [], given: [given] } as const;
const present = [{ nic, slot: 3, vmUid: 'u', vmName: 'web' }];
const signal = new AbortController().signal;

/** A Docker with one container or none; what it was told to make and remove. */
function dockerWith(state: { running: boolean; address: string }) {
  const changes: string[] = [];
  const others: { readonly IPv4Address: string }[] = [];
  const answers = (method: string, path: string): DockerAnswer => {
    if (method !== 'GET') changes.push(`${method} ${path.split('?')[0]}`);
    if (path.endsWith('/start')) state.running = true;
    if (path === '/networks/bridge')
      return { status: 200, body: { Containers: Object.fromEntries(others.entries()) } };
    if (path.startsWith('/containers/json')) return { status: 200, body: [] }; // from before
    if (method === 'GET' && path.startsWith('/containers/') && !state.running)
      return { status: 404, body: {} };
    const facts = {
      State: { Running: true, Pid: 7 },
      NetworkSettings: { Networks: { bridge: { IPAddress: state.address } } },
    };
    const status = path.startsWith('/containers/create') ? 201 : method === 'GET' ? 200 : 204;
    return { status, body: facts };
  };
  const api: DockerApi = async ({ method, path }) => answers(method, path);
  const seats = createSeats();
  const looking = {
    commands: { run: async () => ({ code: 0, stdout: '', stderr: '' }) },
    api,
    instance: 'abc',
    ordinal: 0,
    seats,
    program: async () => Buffer.alloc(0),
  };
  return { changes, others, seats, looking };
}

test('a VM that was started after the list was made keeps its place', async () => {
  const { changes, seats, looking } = dockerWith({ running: true, address: given.address });
  seats(3).seating = 'taken';
  await lookAtPlaces(looking, present, signal);
  assert.deepEqual(changes, []);
});

test('a VM that leaves is given no place again', async () => {
  const { changes, seats, looking } = dockerWith({ running: false, address: given.address });
  seats(3).seating = 'left';
  await lookAtPlaces(looking, present, signal);
  assert.deepEqual(changes, []);
});

test('a place that is gone is taken again', async () => {
  const { changes, seats, looking } = dockerWith({ running: false, address: given.address });
  await lookAtPlaces(looking, present, signal);
  assert.equal(seats(3).seating, 'taken');
  assert.equal(changes.at(-1), `POST /containers/${NAME}/start`);
});

test('where the address is another’s nothing of the attempt stays, and it is tried again once it is free', async () => {
  const docker = { running: false, address: '172.17.0.9' };
  const { changes, others, looking } = dockerWith(docker);
  const look = () => lookAtPlaces(looking, present, signal);
  const tries = () => changes.filter((change) => change.endsWith('/start')).length;
  others.push({ IPv4Address: `${given.address}/16` });
  assert.deepEqual(await look(), ['u']);
  assert.ok(
    changes.lastIndexOf(`DELETE /containers/${NAME}`) > changes.indexOf(`POST /containers/${NAME}/start`),
  );
  docker.running = false;
  assert.deepEqual([await look(), await look(), tries()], [['u'], ['u'], 1]);

  others.pop(); // free, yet Docker gives another first
  assert.deepEqual([await look(), tries()], [['u'], 2]);
  docker.running = false;
  assert.deepEqual([await look(), tries()], [['u'], 2]);
  docker.address = given.address;
  assert.deepEqual([await look(), tries()], [[], 3]);
});

test('while Docker does not answer nothing is told, and nothing given up', async () => {
  const { seats, looking } = dockerWith({ running: false, address: given.address });
  const gone = async () => {
    throw new IgniteError('network/no-docker', 'Docker does not answer');
  };
  await lookAtPlaces({ ...looking, api: gone }, present, signal);
  assert.equal(seats(3).seating, 'unseen');
});
