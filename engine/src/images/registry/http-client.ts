// The parts of undici that a registry needs, loaded when the first one is spoken to, one by one: the whole of it keeps the
// daemon from answering for 60 ms and takes 14 MiB, these 20 ms in pieces and 2 MiB.
import { setImmediate as turn } from 'node:timers/promises';
import type { Agent, Dispatcher, EnvHttpProxyAgent } from 'undici';

export interface HttpClient {
  /** The dispatcher of one registry. @param proxies absent: none is asked */
  open(options: Agent.Options, proxies?: EnvHttpProxyAgent.Options): Promise<Dispatcher>;
  /** As undici's `request`: the answer as soon as its headers are there. */
  request(
    dispatcher: Dispatcher,
    url: URL,
    options: Omit<Dispatcher.RequestOptions, 'origin' | 'path'>,
  ): Promise<Dispatcher.ResponseData>;
}

/** Loads it; what is loaded already costs nothing. */
export async function loadHttpClient(): Promise<HttpClient> {
  await import('undici/lib/core/util.js');
  await turn();
  await import('undici/lib/dispatcher/client-h1.js'); // half of what comes next
  await turn();
  const { default: Agent } = await import('undici/lib/dispatcher/agent.js');
  await turn();
  const { default: request } = await import('undici/lib/api/api-request.js');
  await turn();
  return {
    async open(options, proxies) {
      if (proxies === undefined) return new Agent(options);
      const { default: ProxyAgent } = await import('undici/lib/dispatcher/env-http-proxy-agent.js');
      return new ProxyAgent({ ...options, ...proxies });
    },
    request: (dispatcher, url, options) =>
      request.call(dispatcher, { ...options, origin: url.origin, path: `${url.pathname}${url.search}` }),
  };
}
