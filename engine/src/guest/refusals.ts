// What the agent refuses, as errors of the catalogue.
import { type ErrorCode, IgniteError, type Refusal } from '@ignite/api';
import { ERROR } from '@ignite/protocol';

const codes: Readonly<Record<string, ErrorCode>> = {
  [ERROR.NOT_FOUND]: 'guest/not-found',
  [ERROR.NOT_EXECUTABLE]: 'guest/command-not-executable',
  [ERROR.NO_USER]: 'guest/no-user',
  [ERROR.NO_DIRECTORY]: 'guest/no-directory',
  [ERROR.TOO_MANY]: 'guest/busy',
  [ERROR.BAD_ARCHIVE]: 'guest/bad-archive',
  [ERROR.UNSUPPORTED]: 'guest/agent-too-old',
};

/**
 * The error for a RESET or a refused call. The text is the guest's: it must be escaped before it is printed.
 * @param command whether a command was to be executed: "not found" is then about the command
 */
export function refusalError(refusal: Refusal, command = false): IgniteError {
  const word = codes[refusal.error] ?? 'guest/failed';
  const code = command && word === 'guest/not-found' ? 'guest/command-not-found' : word;
  const text = refusal.text === '' ? refusal.error : refusal.text;
  const details = refusal.errno === undefined ? {} : { errno: refusal.errno };
  return new IgniteError(code, `The guest refused: ${text}`, { details });
}
