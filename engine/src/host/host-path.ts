/** A fixed search path: what a caller's shell has must not change what the daemon runs. */
export const HOST_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
