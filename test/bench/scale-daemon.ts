// The daemon of `bench scale`: an engine with stand-in VMMs that really run, and the API in front of it. `fill N` makes and
// starts N VMs and ends, `serve` takes hold of them and answers, `clear` removes them. Run by `node --expose-gc`.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Engine } from '../../engine/src/index.ts';
import type { Handlers } from '../../packages/daemon/src/http/handler.ts';
import { vmHandlers } from '../../packages/daemon/src/http/handlers/vms.ts';
import { createApiServer } from '../../packages/daemon/src/http/server.ts';
import { giveMemoryBack } from '../../packages/daemon/src/tidy.ts';
import { CALL, SERVES, START } from '../integration/lifecycle/house.ts';
import { easyOutside, type OpenedVms, openFolder } from '../integration/lifecycle/world.ts';

/** Beside each other while VMs are made and removed. */
const AT_ONCE = 8;

const [root = '', verb = '', count = '0'] = process.argv.slice(2);
const begun = performance.now();
const opened = await openFolder(root, easyOutside());
const openedMs = performance.now() - begun;

if (verb === 'fill')
  await inParallel(
    Array.from({ length: Number(count) }, (_, index) => `vm-${index}`),
    fill,
  );
else if (verb === 'clear')
  await inParallel(
    opened.vms.list().map(({ metadata }) => metadata.uid),
    clear,
  );
else await serve(opened);
await opened[Symbol.asyncDispose]();
process.exit(0);

async function fill(name: string): Promise<void> {
  const spec = {
    image: { oci: 'registry.test/image:1' },
    kernel: { cmdLine: SERVES },
    network: { mode: 'none' },
  } as const;
  await opened.vms.create({ metadata: { name }, spec }, CALL);
  await opened.vms.start(name, START);
}

async function clear(uid: string): Promise<void> {
  await opened.vms.remove(uid, true, CALL);
}

async function inParallel(words: readonly string[], work: (word: string) => Promise<void>): Promise<void> {
  const queue = words.values();
  const worker = async () => {
    for (const word of queue) await work(word);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Tells when it is ready, then at each line of stdin what it holds. */
async function serve({ vms }: OpenedVms): Promise<void> {
  const part: Partial<Engine> = {
    vms,
    peerOf: async () => undefined,
    audit: { write: () => {}, flush: async () => {} },
  };
  const engine = part as Engine; // the handlers of VMs need no more
  const handlers: Partial<Handlers> = vmHandlers(engine);
  const server = createApiServer({
    engine,
    handlers: new Proxy({} as Handlers, { get: (_, key) => Reflect.get(handlers, key) }),
    complain: (text, error) => console.error(text, error),
    signal: new AbortController().signal,
  });
  const socket = join(root, 'd.sock');
  await rm(socket, { force: true }); // of the daemon before
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const running = vms.list().filter(({ status }) => status.running).length;
  say({ readyMs: performance.now(), openedMs, running });
  for await (const _ of createInterface({ input: process.stdin })) {
    giveMemoryBack();
    say({ resident: process.memoryUsage.rss() });
  }
}

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
