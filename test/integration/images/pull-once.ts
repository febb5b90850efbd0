// A stand-in for the daemon that pulls one image, to be killed by a test.
import { reopen, request } from './fixture.ts';

const [, , state = '', reference = ''] = process.argv;
await (await reopen(state)).ensure(reference, request());
