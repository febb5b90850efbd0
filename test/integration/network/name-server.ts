// A name service in a process of its own, for the namespace it is started in: networks, NICs and resolvers as JSON.
import { createNameService } from '../../../engine/src/network/index.ts';

const [networks, entries, resolvers] = process.argv.slice(2).map((word) => JSON.parse(word));
const service = createNameService({
  hostResolvers: async () => resolvers,
  complain: (text, error) => console.error(text, error),
});
service.setEntries(entries);
await service.keep(networks);
console.log('ready');
setInterval(() => {}, 60_000); // its sockets alone keep no process
