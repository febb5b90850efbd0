// `login`: whether a registry takes somebody's credentials. Nothing is kept here: that is the caller's file.
import type { ImagesContext } from './context.ts';
import type { LoginRequest, RegistryCredentials } from './port.ts';
import { checkLogin } from './registry/index.ts';

/** Implements `Images.login`. */
export function loginToRegistry(
  context: ImagesContext,
  credentials: RegistryCredentials,
  { insecureRegistries = [], signal }: LoginRequest,
): Promise<void> {
  return checkLogin({
    credentials,
    insecureRegistries,
    settings: context.registry,
    clock: context.clock,
    signal,
  });
}
