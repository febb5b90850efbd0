// Mistakes that are seen only after the words were read: each is told with the thing that is wrong and what to type.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runningVm, startFakeDaemon } from './fake-daemon.ts';
import { ignite } from './run-in-process.ts';

/** A `·` is a blank inside of a word, `∅` an empty word. */
const words = (line: string) =>
  line.split(' ').map((word) => (word === '∅' ? '' : word.replaceAll('·', ' ')));

const rows: readonly (readonly [line: string, code: number, message: RegExp])[] = [
  ['run ∅', 125, /The image is an empty word: is a variable unset\?/],
  ['run ·', 125, /The image is an empty word/],
  ['run --kernel ∅ IMG', 125, /--kernel is an empty word; leave it out/],
  ['run --rm --restart always IMG', 125, /--rm and --restart always exclude each other: leave one out/],
  ['exec web ∅', 125, /The command for the guest is an empty word/],
  ['port web 81', 1, /web does not publish 81\/tcp\nHint: `ignite port VM` lists/],
  ['cp nope:/a nope2:/b', 1, /Files cannot be copied from one VM to another\nHint: One side is VM:PATH/],
  ['run --stop-signal FOO IMG', 125, /--stop-signal: there is no signal "FOO"; write a name such as TERM/],
  ['run --detach-keys foo IMG', 125, /--detach-keys takes keys such as ctrl-p,ctrl-q, not "foo"/],
  ['kill -s FOO web', 1, /--signal: there is no signal "FOO"; write a name/],
  ['stop ∅', 1, /An empty word names no VM/],
  ['start ∅', 1, /An empty word names no VM/],
  ['exec ∅ ls', 125, /An empty word names no VM/],
  ['logs ∅', 1, /An empty word names no VM/],
  ['rm ∅', 1, /An empty word names no VM/],
  ['rmi ∅', 1, /An empty word names no image/],
  ['rmk ∅', 1, /An empty word names no kernel/],
  ['volume rm ∅', 1, /An empty word names no volume/],
  ['network rm ∅', 1, /An empty word names no network/],
  ['gitops status nope', 1, /No source is called "nope"\nHint: `ignite gitops status` lists/],
  ['inspect vm', 1, /There is no VM.* "vm"\nHint: Name the object, too: ignite inspect vm OBJECT/],
];

test('what is typed by mistake is told, before anything is made', async () => {
  await using daemon = await startFakeDaemon();
  daemon.vms.push(runningVm('web'));
  for (const [line, code, message] of rows) {
    const ended = await ignite(words(line), { daemon });
    assert.equal(ended.code, code, `${line}: ${ended.stderr}`);
    assert.match(ended.stderr, message, line);
  }
  assert.deepEqual(
    daemon.requests.filter(({ method }) => method !== 'GET'),
    [],
  );
  assert.equal(daemon.vms.length, 1);
});
