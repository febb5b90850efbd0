// Answers that are documents, read whole but never beyond a limit.
import type { Answer } from './transport.ts';

/** The body's bytes; undefined where it is longer than `limit`. */
export async function readBody(answer: Answer, limit: number): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of answer.body) {
    if (!(piece instanceof Uint8Array)) continue;
    length += piece.length;
    if (length > limit) {
      answer.body.destroy();
      return undefined;
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The beginning of a refusal's text on one line, for the error message; empty where there is none. */
export async function readRefusal(answer: Answer): Promise<string> {
  const bytes = await readBody(answer, 64 << 10).catch(() => undefined);
  const text = Buffer.from(bytes ?? new Uint8Array()).toString('utf8');
  return (errorMessages(text) ?? text)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 300);
}

// distribution-spec, "Error Codes": {"errors": [{"code": …, "message": …}]}
function errorMessages(text: string): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null || !('errors' in json) || !Array.isArray(json.errors))
    return undefined;
  return json.errors.map(errorMessage).filter(Boolean).join('; ');
}

function errorMessage(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return '';
  const code = 'code' in entry && typeof entry.code === 'string' ? entry.code : '';
  const message = 'message' in entry && typeof entry.message === 'string' ? entry.message : '';
  return [code, message].filter(Boolean).join(': ');
}
