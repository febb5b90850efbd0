// A proxy in this process that remembers where it was asked to go: by tunnels (CONNECT, RFC 9110 section 9.3.6) and by
// addresses with a host in them (RFC 9112 section 3.2.2).
import { createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http';
import { connect } from 'node:net';

export interface HttpProxy extends AsyncDisposable {
  readonly url: string;
  /** `host:port` of every request and tunnel. */
  readonly asked: string[];
}

/** Starts it on a free port of 127.0.0.1. */
export async function startHttpProxy(): Promise<HttpProxy> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '').host);
    passOn(request, response);
  });
  server.on('connect', (request, client) => {
    const target = request.url ?? '';
    asked.push(target);
    const { hostname, port } = new URL(`http://${target}`);
    const far = connect(Number(port), hostname, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
    far.pipe(client).pipe(far);
    for (const [end, other] of [
      [client, far],
      [far, client],
    ] as const) {
      end.on('error', () => other.destroy());
      end.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function passOn(request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const far = ask(new URL(request.url ?? ''), { ...(method === undefined ? {} : { method }), headers });
  far.on('error', () => response.destroy());
  far.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  request.pipe(far);
}
