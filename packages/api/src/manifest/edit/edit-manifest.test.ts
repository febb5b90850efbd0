import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editManifest } from './edit-manifest.ts';

const MANIFEST = `# the shop
apiVersion: ignite.vm/v1beta1
kind: VM
metadata: {name: web} # its name
spec:
  # how many
  cpus: 1   # one is enough
  image:
    oci: 'a:1'
  memory: "1GB"

---
kind: VM
spec: {image: {oci: b:1}, running: true}
`;

function edited(text: string, path: readonly [string, ...string[]], value: unknown, line = 2): string {
  return editManifest(text, line, [{ path, value }]);
}

test('a field that is there changes in its place, and no other byte', () => {
  assert.equal(edited(MANIFEST, ['spec', 'cpus'], 4), MANIFEST.replace('cpus: 1   # one', 'cpus: 4   # one'));
  assert.equal(edited(MANIFEST, ['spec', 'memory'], '2GB'), MANIFEST.replace('"1GB"', '"2GB"'));
  assert.equal(
    edited(MANIFEST, ['spec', 'running'], false, 13),
    MANIFEST.replace('running: true', 'running: false'),
  );
  assert.equal(edited(MANIFEST, ['spec', 'cpus'], 1), MANIFEST);
});

test('a field that lacks is put behind the last of its map, in the style of the map', () => {
  assert.equal(
    edited(MANIFEST, ['spec', 'running'], false),
    MANIFEST.replace('memory: "1GB"\n', 'memory: "1GB"\n  running: false\n'),
  );
  assert.equal(
    edited(MANIFEST, ['metadata', 'labels'], { a: 'b' }),
    MANIFEST.replace('{name: web}', '{name: web, labels: {"a":"b"}}'),
  );
  assert.equal(
    edited(MANIFEST, ['spec', 'restartPolicy', 'name'], 'always', 13),
    MANIFEST.replace('running: true}', 'running: true, restartPolicy: {"name":"always"}}'),
  );
  assert.equal(edited('a: 1', ['spec', 'running'], false, 1), 'a: 1\nspec: {"running":false}\n');
});

test('blocks, lists, keys without a value, and tails of comments', () => {
  const text = 'spec:\n  script: |\n    one\n\n    two\n  # the end\n\nother: 1\n';
  assert.equal(edited(text, ['spec', 'cpus'], 2, 1), text.replace('    two\n', '    two\n  cpus: 2\n'));
  const list = 'spec:\n  env:\n  - A=1\n  - B=2\n';
  assert.equal(edited(list, ['spec', 'cpus'], 2, 1), `${list}  cpus: 2\n`);
  assert.equal(edited('spec:\n  cpus:\n  a: 1\n', ['spec', 'cpus'], 2, 1), 'spec:\n  cpus: 2\n  a: 1\n');
  assert.equal(edited('spec:\nkind: VM\n', ['spec', 'cpus'], 2, 1), 'spec: {"cpus":2}\nkind: VM\n');
});

test('JSON stays JSON, on lines of its own where it has them', () => {
  const text = '{\n  "kind": "VM",\n  "spec": {\n    "cpus": 1\n  }\n}\n';
  assert.equal(
    edited(text, ['spec', 'running'], false, 1),
    text.replace('"cpus": 1', '"cpus": 1,\n    "running": false'),
  );
  assert.equal(edited('{"spec": {}}', ['spec', 'cpus'], 2, 1), '{"spec": {"cpus": 2}}');
});

test('what cannot be changed alone is refused', () => {
  const shared = 'spec:\n  cpus: &n 1\n  other: *n\n';
  assert.throws(() => edited(shared, ['spec', 'cpus'], 2, 1), { code: 'api/cannot-edit' });
  assert.throws(() => edited(MANIFEST, ['spec', 'cpus'], 2, 7), { code: 'api/cannot-edit' });
  assert.equal(edited(shared, ['spec', 'other'], 2, 1), 'spec:\n  cpus: &n 1\n  other: 2\n');
});
