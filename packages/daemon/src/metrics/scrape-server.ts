// The HTTP side of metrics: a GET is answered by a scrape. Its address may be open to a network, so what strangers can have
// open here, and make the daemon do, is bounded.
import { createServer, type Server } from 'node:http';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** Each takes one of the daemon's descriptors; who scrapes has one. */
export const MOST_CONNECTIONS = 64;
/** For the head of a request, which is there at once. */
const HEAD_MS = 10_000;
/** Many times what a scrape takes: who neither asks nor reads by then makes room. */
const IDLE_MS = 60_000;

/** A server of what `scrape` returns; requests during a scrape share its result. The caller listens and closes. */
export function scrapeServer(scrape: () => Promise<string>): Server {
  let underWay: Promise<string> | undefined;
  const shared = () => {
    underWay ??= scrape().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
  const server = createServer(
    { headersTimeout: HEAD_MS, requestTimeout: HEAD_MS, connectionsCheckingInterval: HEAD_MS / 2 },
    (request, response) => {
      if (request.method !== 'GET') return void response.writeHead(405).end();
      shared().then(
        (text) => response.writeHead(200, { 'Content-Type': CONTENT_TYPE }).end(text),
        () => response.writeHead(500).end(),
      );
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = IDLE_MS;
  return server;
}
