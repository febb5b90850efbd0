// The program `ignite`.
import { processHost } from './host.ts';
import { runCli } from './run-cli.ts';

// Meant for us, not for the programs that we start.
for (const name of ['NODE_COMPILE_CACHE', 'NODE_COMPILE_CACHE_PORTABLE']) delete process.env[name];

// Not awaited here: commands are loaded while it runs, and they import what is bundled with this file.
void runCli(process.argv.slice(2), { host: processHost() }).then((status) => {
  // What is still open (stdin of a terminal, a connection being closed) must not keep us.
  process.exit(status);
});
