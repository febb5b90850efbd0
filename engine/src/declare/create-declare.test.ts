import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError, type Vm } from '@ignite/api';
import type { Vms } from '../lifecycle/index.ts';
import { STILL_AT_WORK } from './carry-out.ts';
import { createDeclare } from './create-declare.ts';
import type { DeclareRequest, Planned } from './port.ts';

const CALL = { report: () => {}, signal: new AbortController().signal };

/** An engine in which the making of one VM takes until it is told to end; the others are up at once. */
function slowEngine(slow: string) {
  const end = Promise.withResolvers<void>();
  const made: string[] = [];
  const vms: Partial<Vms> = {
    look: () => [],
    create: async ({ metadata: { name = '' } = {} }) => {
      made.push(name);
      if (name === slow) await end.promise;
      return {} as Vm; // nobody looks at it
    },
    start: async () => ({}) as Vm,
  };
  return { vms: vms as Vms, made, end }; // what is not there is not called
}

function request(names: readonly string[], late: Planned[]): DeclareRequest {
  return {
    manager: 'git:x',
    objects: names.map((name) => ({
      metadata: { name },
      spec: { image: { oci: 'a:1' } },
      origin: { file: 'a.yaml', line: 1 },
    })),
    patience: {
      over: async () => {},
      late: (_, outcome) => void outcome.then((planned) => late.push(planned)),
    },
  };
}

const shown = (items: readonly Planned[]) =>
  items.map(({ name, action, drift = '' }) => [name, action, drift]);

test('a VM that takes long holds up neither the others nor the next plan, and is not made twice', async () => {
  const { vms, made, end } = slowEngine('slow');
  const declare = createDeclare(vms, {});
  const late: Planned[] = [];
  const first = await declare.apply(request(['slow'], late), CALL);
  assert.deepEqual(shown(first), [['slow', 'create', STILL_AT_WORK]]);

  const second = await declare.apply(request(['slow', 'next'], late), CALL);
  assert.deepEqual(shown(second)[0], ['slow', 'keep', STILL_AT_WORK]);
  assert.deepEqual(made, ['slow', 'next']);

  const error = new IgniteError('start/guest-silent', 'slow did not report');
  end.reject(error);
  await assert.rejects(end.promise);
  await new Promise(setImmediate);
  assert.equal(late.find(({ name }) => name === 'slow')?.error, error);
  await declare.apply(request(['slow'], late), CALL);
  assert.deepEqual(made, ['slow', 'next', 'slow'], 'it is tried again');
});

test('nobody counts the time of a VM that is done', async () => {
  const asked = request(['quick', 'quicker'], []);
  const counted: AbortSignal[] = [];
  const never = (done: AbortSignal) => {
    counted.push(done);
    return new Promise(() => {});
  };
  const patience = { late: () => {}, ...asked.patience, over: never };
  await createDeclare(slowEngine('').vms, {}).apply({ ...asked, patience }, CALL);
  assert.deepEqual(
    counted.map(({ aborted }) => aborted),
    [true, true],
  );
});

test('who has no patience waits for all', async () => {
  const { vms, end } = slowEngine('slow');
  const { patience: _, ...patient } = request(['slow'], []);
  const applying = createDeclare(vms, {}).apply(patient, CALL);
  end.resolve();
  assert.deepEqual(shown(await applying), [['slow', 'create', '']]);
});

test('what was not begun when the caller ends is not begun any more', async () => {
  const ending = new AbortController();
  const made: string[] = [];
  const vms: Partial<Vms> = {
    look: () => [],
    create: async ({ metadata: { name = '' } = {} }) => {
      made.push(name);
      ending.abort(new IgniteError('daemon/stopping', 'The daemon is ending'));
      return {} as Vm; // nobody looks at it
    },
  };
  const declare = createDeclare(vms as Vms, {}); // what is not there is not called
  const names = Array.from({ length: 40 }, (_, index) => `vm${index}`);

  const items = await declare.apply(request(names, []), { ...CALL, signal: ending.signal });

  assert.ok(made.length <= 16, `${made.length} were made`); // those at work side by side
  assert.equal(items[39]?.error?.code, 'daemon/stopping');
});
