export { unreachable } from './failures.ts';
export { canonicalRegistry } from './hosts.ts';
export { checkLogin } from './login.ts';
export { openPushSession, type PushSession } from './push-session.ts';
export { withRetry } from './retry.ts';
export { keepSecureContexts } from './secure-contexts.ts';
export { type Document, openSession, type RegistrySession } from './session.ts';
export { defaultRegistrySettings, type RegistrySettings } from './settings.ts';
