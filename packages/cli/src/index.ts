export { readArgv } from './argv/index.ts';
export { commandTree } from './commands/index.ts';
export { type CliHost, type InputStream, type OutputStream, processHost } from './host.ts';
export { type CliOptions, runCli } from './run-cli.ts';
