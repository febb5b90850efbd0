// Checks credentials at a registry's `/v2/`, the way `docker login` does.
import type { Clock } from '../../host/index.ts';
import type { RegistryCredentials } from '../port.ts';
import { secretFor } from './credentials.ts';
import { createEndpoint } from './endpoint.ts';
import { refused } from './failures.ts';
import type { RegistrySettings } from './settings.ts';

interface LoginCheck {
  readonly credentials: RegistryCredentials;
  readonly insecureRegistries: readonly string[];
  readonly settings: RegistrySettings;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** @throws IgniteError `images/unauthorized` when they are wrong; `images/registry-down` */
export async function checkLogin(check: LoginCheck): Promise<void> {
  const { credentials, insecureRegistries, settings, clock, signal } = check;
  const address = credentials.registry;
  await using endpoint = createEndpoint({
    address,
    secret: secretFor(address, [credentials]),
    insecure: insecureRegistries,
    settings,
    clock,
  });
  const answer = await endpoint.send('/v2/', '', { signal });
  if (answer.status !== 200) throw await refused(answer, 'The login', endpoint.name);
  await answer.body.dump();
}
