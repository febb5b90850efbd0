// `ignite login`: the daemon asks the registry, the caller keeps the login (CLI rule 21).
import { IgniteError, isIgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';
import { configFile, keepLogin, loginServer } from '../credentials/index.ts';
import { insecureRegistries } from '../request/pull-options.ts';
import { askLine, canAsk } from '../terminal/ask.ts';
import { stdinOf } from '../request/stdin.ts';
import { usage } from '../usage-error.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, operands, out, signal } = context;
  const server = loginServer(operands[0]);
  const login = await readLogin(context, server.registry);
  const insecure = insecureRegistries(host, flags);
  const client = await context.client();
  const body = { registry: server.registry, ...login };
  await client
    .checkLogin(insecure.length === 0 ? body : { ...body, insecureRegistries: [...insecure] }, { signal })
    .catch((error: unknown) => {
      throw refused(error);
    });
  const path = configFile(host, flags.string('registry-config-dir'));
  if (await keepLogin(host, path, server, login))
    out.note(`The password is kept in ${path}, not encrypted; a credential helper (credsStore) can hide it`);
  out.data('Login Succeeded');
  return 0;
}

/** The catalogue's hint is to log in. */
function refused(error: unknown): unknown {
  if (!isIgniteError(error, 'images/unauthorized')) return error;
  const hint =
    'Check user name and password; many registries want a token for programs instead of the password.';
  return new IgniteError('images/unauthorized', error.message, { details: { ...error.details, hint } });
}

async function readLogin(
  context: CommandContext,
  registry: string,
): Promise<{ username: string; password: string }> {
  const { flags, out } = context;
  const fromStdin = flags.bool('password-stdin');
  const [user, given] = [flags.string('username'), flags.string('password')];
  if (fromStdin && given !== undefined) throw usage('--password and --password-stdin exclude each other');
  if (fromStdin && user === undefined) throw usage('--password-stdin needs --username');
  if (given !== undefined) out.note('A password on the command line is seen by others: use --password-stdin');
  const asks = user === undefined || (given === undefined && !fromStdin);
  if (asks && !canAsk(context))
    throw usage('There is no terminal to ask at: give --username and --password-stdin');
  const username = user ?? (await askLine(context, `User name for ${registry}: `)).trim();
  if (username === '') throw usage('A user name is needed');
  const password = fromStdin
    ? await readStdin(context)
    : (given ?? (await askLine(context, 'Password: ', true)));
  if (password === '') throw usage('A password is needed');
  return { username, password };
}

const LONGEST = 64 << 10;

/** All of stdin but the line's end, as Docker reads it. */
async function readStdin(context: CommandContext): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stdinOf(context)) {
    pieces.push(Buffer.from(piece));
    bytes += pieces.at(-1)?.length ?? 0;
    if (bytes > LONGEST) throw usage('What came on stdin is no password');
  }
  return Buffer.concat(pieces)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
