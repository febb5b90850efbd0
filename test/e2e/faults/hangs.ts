// A guest that hangs from its first second on.

/** The kernel gives up and, told so, stays as it is for ever. */
export const HANGS = ['--kernel-args', 'console=ttyS0 rdinit=/none panic=0'] as const;
