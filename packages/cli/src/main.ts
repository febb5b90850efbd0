// The program `ignite`.
import { processHost } from './host.ts';
import { runCli } from './run-cli.ts';

process.exitCode = await runCli(process.argv.slice(2), { host: processHost() });
// What is still open (stdin of a terminal, a connection being closed) must not keep us.
process.exit();
