export { unreachable } from './failures.ts';
export { canonicalRegistry } from './hosts.ts';
export { checkLogin } from './login.ts';
export { type Arrival, openPushSession, type PushSession } from './push-session.ts';
export { pauseAfter, withRetry } from './retry.ts';
export { type BlobStream, type Document, openSession, type RegistrySession } from './session.ts';
export { defaultRegistrySettings, type RegistrySettings } from './settings.ts';
