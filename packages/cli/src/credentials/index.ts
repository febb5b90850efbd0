export { type Credentials, findCredentials } from './find.ts';
export { forgetLogin, keepLogin } from './keep.ts';
export { configFile } from './places.ts';
export { loginServer } from './servers.ts';
